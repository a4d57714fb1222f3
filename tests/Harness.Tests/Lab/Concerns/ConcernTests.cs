using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Registry;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Lab.Concerns;

/// <summary>What the thread says about the encodings comes out of the tool.</summary>
public sealed partial class ConcernTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    /// <summary>What two concerns ask of an encoding a bench does once. These tests run one after the other.</summary>
    private static readonly Func<string,
        ConcernBench> s_benches = Once.For((string encoding) => Bench(encoding, () => null));

    [Theory]
    [InlineData("single-bit", "C1", ConcernVerdict.Broken)]
    [InlineData("single-bit", "C2", ConcernVerdict.Broken)]
    [InlineData("single-bit", "C3", ConcernVerdict.Broken)]
    [RepeatData("single-bit", "C8", ConcernVerdict.HoldsAtACost)]
    [RepeatData("single-bit:variant=as-posted", "C8", ConcernVerdict.Broken)]
    [RepeatData("multi-bit", "C8", ConcernVerdict.HoldsAtACost)]
    [RepeatData("async-hint", "C8", ConcernVerdict.HoldsAtACost)]
    [RepeatData("async-hint:inject=at-fault", "C8", ConcernVerdict.HoldsAtACost)]
    [InlineData("never-async", "C8", ConcernVerdict.HoldsAtACost)]
    [InlineData("single-bit", "C9", ConcernVerdict.Broken)]
    [RepeatData("single-bit:variant=as-posted", "C16", ConcernVerdict.Broken)]
    [InlineData("single-bit:apf=off", "C2", ConcernVerdict.Holds)]
    [InlineData("async-hint", "C1", ConcernVerdict.Holds)]
    [InlineData("async-hint", "C2", ConcernVerdict.Holds)]
    [InlineData("async-hint", "C9", ConcernVerdict.HoldsAtACost)]
    [RepeatData("async-hint:inject=at-fault", "C1", ConcernVerdict.Broken)]
    [InlineData("multi-bit:bits=4", "C8", ConcernVerdict.Holds)]
    [InlineData("never-async", "C13", ConcernVerdict.Holds)]
    public void Verdicts(string encoding, string concern, ConcernVerdict verdict)
    {
        var cell = Decide(encoding, concern);
        Assert.Equal(verdict, cell.Verdict);
        Assert.Equal((concern, encoding), (cell.Concern, cell.Encoding));
        Assert.NotEmpty(cell.Summary);
        Assert.All(cell.Evidence, e => Assert.NotEmpty(e.Text));
        Assert.Contains(cell.Evidence, e => e.Command.Contains(encoding, StringComparison.Ordinal));
    }

    [Fact]
    public void The_catalogue_is_complete()
    {
        Assert.Equal(Enumerable.Range(1, 17).Select(i => Invariant($"C{i}")), Concern.All.Select(c => c.Id));
        Assert.All(Concern.All, c => Assert.All(new[] { c.Title, c.Question, c.Source, c.Method }, Assert.NotEmpty));
    }

    /// <summary>What CheckerTests.Plain_stores_undo_the_neighbours_in_a_word finds, as the answer to two
    /// concerns.</summary>
    [Theory]
    [RepeatData("C12")]
    [RepeatData("C15")]
    public void The_plain_update_breaks_C12_and_C15(string concern)
    {
        var cell = Decide("multi-bit:update=plain", concern);
        Assert.Equal(ConcernVerdict.Broken, cell.Verdict);
        Assert.Contains(cell.Evidence, e => e.Details.Contains("unpopulated", StringComparison.Ordinal));
    }

    /// <summary>A sentence beside "broken" that says what KVM can tell would read as the opposite.</summary>
    [Theory]
    [InlineData("single-bit", "C1", ConcernVerdict.Broken, "KVM saw the same in both runs; in one of them ")]
    [InlineData("async-hint", "C1", ConcernVerdict.Holds, "when KVM injects, it can tell a fault ")]
    [InlineData("async-hint", "C4", ConcernVerdict.Broken, "KVM saw the same in both runs; in one of them ")]
    [InlineData("single-bit:apf=off", "C1", ConcernVerdict.Holds, "KVM never injects, or one of the two never occurs")]
    public void The_verdict_and_the_sentence_beside_it_say_the_same(
        string encoding, string concern, ConcernVerdict verdict, string said)
    {
        var cell = Decide(encoding, concern);

        Assert.Equal(verdict, cell.Verdict);
        Assert.StartsWith(said, cell.Evidence[0].Text, StringComparison.Ordinal);
        Assert.Equal(verdict == ConcernVerdict.Broken, cell.Evidence[0].Details.Length > 0);
        var heading = $"{concern} broken: {said.Split(';')[0]}";
        Assert.True(cell.Evidence[0].Details.Length == 0
            || cell.Evidence[0].Details.StartsWith(heading, StringComparison.Ordinal));
    }

    /// <summary>The thread means back to back. An APF with nothing else to run is counted beside it.</summary>
    [Theory]
    [InlineData("single-bit", "C1", "mixed", true)]
    [InlineData("async-hint", "C1", "mixed", false)]
    [InlineData("single-bit", "C2", "all-sync", true)]
    [InlineData("exitless", "C2", "all-sync", false)]
    [InlineData("single-bit", "C3", "intercept", true)]
    public void What_is_needless_is_what_comes_back_to_back(string encoding, string concern, string workload, bool some)
    {
        var bench = s_benches(encoding);
        var counted = bench.PerFault(workload, r => r.BackToBackApf)!.Value;
        var useless = bench.PerFault(workload, r => r.UselessApf)!.Value;

        var cell = Concern.All.Single(c => c.Id == concern).Decide(bench);

        Assert.Equal(some, counted.Mean > 0.0005m);
        Assert.True(useless.Mean > 0.05m);
        Assert.Contains($"{ConcernWords.Number(counted)} back to back a fault", cell.Summary, StringComparison.Ordinal);
        Assert.Contains(cell.Evidence, e => e.Text
            == $"beside them: not-presents with nothing else runnable per fault on {workload}: "
                + ConcernWords.Number(useless));
    }

    /// <summary>The rarer a needless APF, the less a look at each fault may cost: in proportion, as for a
    /// CPU.</summary>
    [Fact]
    public void Rarer_needless_apfs_are_worth_a_cheaper_look()
    {
        var evidence = Decide("single-bit", "C6").Evidence;
        var look = Assert.Single(evidence, e => e.Curve?.Parameter == "price of a look").Curve!;
        Assert.False(Assert.Single(look.Crossings).Rises);
        var prices = PriceByRarity()
            .Matches(Assert.Single(evidence, e => e.Text.StartsWith("to look", StringComparison.Ordinal)).Text)
            .Select(m => Price(m.Groups[1].Value)).ToArray();
        Assert.Equal(4, prices.Length);
        Assert.InRange(prices[1], prices[0] * 0.4m, prices[0] * 0.6m);
        Assert.InRange(prices[2], prices[0] * 0.08m, prices[0] * 0.12m);
    }

    [Fact]
    public void Nothing_around_the_worst_workload_is_worse()
    {
        var cell = Decide("single-bit", "C7");
        Assert.Equal(ConcernVerdict.HoldsAtACost, cell.Verdict);
        Assert.Contains(cell.Evidence, e => e.Text.Contains("neighbours 0 are worse", StringComparison.Ordinal));
        Assert.True(Assert.Single(cell.Evidence,
            e => e.Curve?.Parameter == "fetch time").Curve!.Crossings is [{ Rises: true }]);
    }

    /// <summary>Dearer exits speak for signalling without, cheaper ones for exits, seen from either side.</summary>
    [Theory]
    [InlineData("async-hint:inject=at-fault", "exitless", true)]
    [InlineData("exitless", "async-hint", false)]
    public void The_exit_has_a_break_even(string encoding, string rival, bool rises)
    {
        var bench = new ConcernBench(s_registry.Resolve(encoding), s_registry.Resolve("never-async"),
            SeedList.Derive(1, Repeats.AreWanted ? 3 : 1), () => 1,
            () => null)
        { Rivals = [s_registry.Resolve("never-async"), s_registry.Resolve(rival)] };
        var curves = Concern.All.Single(c => c.Id == "C11").Decide(bench).Evidence.Select(e => e.Curve).OfType<Curve>()
            .ToArray();
        Assert.Equal(3, curves.Length);
        Assert.All(curves, c => Assert.StartsWith($"speed of {rival} ", c.What, StringComparison.Ordinal));
        Assert.All(curves, c => Assert.Equal(rises, Assert.Single(c.Crossings).Rises));
    }

    [Fact]
    public void Without_rivals_the_exit_is_only_counted() =>
        Assert.DoesNotContain(Decide("async-hint", "C11").Evidence, e => e.Curve is not null);

    [Fact]
    public void An_interrupted_decision_is_not_decided()
    {
        var bench = Bench("async-hint", () => "enough");
        Assert.Equal(ConcernVerdict.NotDecided, Concern.All.Single(c => c.Id == "C16").Decide(bench).Verdict);
    }

    private static ConcernCell Decide(string encoding, string concern) =>
        s_benches(encoding).Decide(Concern.All.Single(c => c.Id == concern));

    [System.Text.RegularExpressions.GeneratedRegex(@"[\d.]+:([\d.]+[num]?s)\b")]
    private static partial System.Text.RegularExpressions.Regex PriceByRarity();

    private static long Price(string text) => Harness.Foundation.Determinism.Durations.TryParse(text, out var ns) ? ns
        : throw new FormatException(text);

    private static ConcernBench Bench(string encoding, Func<string?> stop) =>
        new(s_registry.Resolve(encoding), s_registry.Resolve("never-async"), SeedList.Derive(1, 3),
            () => Math.Min(2, Environment.ProcessorCount), stop);
}
