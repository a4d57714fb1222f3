using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>The same verdicts whatever makes the search small, and the same result whatever makes it fast.</summary>
public sealed class CheckerTests
{
    private static readonly CheckInstance s_small = new()
    {
        Name = "small",
        Gfns = 1,
        TasksPerVcpu = 1,
        Rearms = 0,
        Prefetcher = false,
        Environment = new() { RepeatedIoctls = 1, RefusedInjections = 1 },
        Modes = [GuestStepFlags.None],
    };

    /// <summary>The smallest on which the RFC as posted breaks.</summary>
    private static readonly CheckInstance s_repeating = s_small with { Environment = new() { RepeatedIoctls = 1 } };

    private static readonly Func<(string Spec, CheckInstance Instance), CheckOutcome> s_whole = Once.For(
        ((string Spec, CheckInstance Instance) asked) =>
            Check(asked.Spec, asked.Instance, new() { StopAtFirst = false, Liveness = true }));

    /// <summary>One of each family, of the RFC the one that breaks, with all reductions and with none; each reduction
    /// alone where that is cheap. Variants, and each alone on the others, are left to <see cref="Repeats"/>.</summary>
    [Theory]
    [InlineData("never-async", true)]
    [InlineData("oracle", true)]
    [RepeatData("single-bit:variant=as-posted")]
    [RepeatData("async-hint")]
    [RepeatData("multi-bit")]
    [RepeatData("single-bit")]
    [RepeatData("multi-bit:update=plain")]
    [RepeatData("multi-bit:layout=split")]
    [RepeatData("async-hint:inject=at-fault")]
    public void Reductions_change_no_verdict(string spec, bool eachAlone = false)
    {
        var verdicts = (from symmetric in new[] { true, false }
                        from fuses in new[] { true, false }
                        where symmetric == fuses || eachAlone || Repeats.AreWanted
                        select Check(spec, s_small with { Symmetric = symmetric, CoalescesInvisible = fuses }))
                            .ToArray();
        Assert.All(verdicts, v => Assert.Equal(Words(verdicts[0]), Words(v)));
        Assert.True(verdicts[0].Result.States < verdicts[^1].Result.States);
    }

    /// <summary>Two frames in a word and another round of arming: on the smallest machine with one frame nothing can be
    /// undone.</summary>
    [Theory]
    [InlineData("multi-bit:update=plain", PropertyVerdict.Broken)]
    [InlineData("multi-bit", PropertyVerdict.Holds)]
    public void Plain_stores_undo_the_neighbours_in_a_word(string spec, PropertyVerdict verdict)
    {
        var outcome = Check(spec, CheckInstance.SharedWord with { Order = MemoryOrdering.Tso }, new());
        Assert.Equal(verdict, outcome.Result.Properties.Single(p => p.Property.Name == "unpopulated-read").Verdict);
    }

    [Theory]
    [InlineData("single-bit:variant=as-posted")]
    [InlineData("multi-bit")]
    public void Neither_threads_nor_fingerprints_change_the_result(string spec)
    {
        var instance = Repeats.AreWanted ? s_small : s_repeating;
        var one = Check(spec, instance);
        foreach (var options in new SearchOptions[] { new() { Threads = 2 }, new() { Threads = 4 },
            new() { Exact = true } })
        {
            var other = Check(spec, instance, options with { StopAtFirst = false, Liveness = true });
            Assert.Equal(Words(one), Words(other));
            Assert.Equal((one.Result.States, one.Result.Transitions, one.Result.Depth),
                (other.Result.States, other.Result.Transitions, other.Result.Depth));
            Assert.Equal(one.Histories.Select(HistoryJson.Write), other.Histories.Select(HistoryJson.Write));
        }
    }

    /// <summary>The RFC never frees the item of an APF that is delivered. Without what the variant adds, nothing is
    /// allocated, and the same machine holds.</summary>
    [Theory]
    [InlineData("single-bit:variant=as-posted-items", PropertyVerdict.Broken)]
    [InlineData("single-bit:variant=as-posted", PropertyVerdict.Holds)]
    public void Memory_of_a_delivered_apf_is_missed(string spec, PropertyVerdict verdict)
    {
        var outcome = Check(spec, CheckInstance.Resolve("quick:vcpus=1"), new());
        Assert.Equal(verdict, outcome.Result.Properties.Single(p => p.Property.Name == "leaked-apf").Verdict);
        Assert.Equal(verdict == PropertyVerdict.Broken ? ["leaked-apf"] : [],
            outcome.Histories.Select(h => h.Property));
    }

    [Fact]
    public void As_posted_delivers_a_repeated_ready_twice()
    {
        var outcome = Check("single-bit:variant=as-posted", s_small);
        Assert.Equal(PropertyVerdict.Broken,
            outcome.Result.Properties.Single(p => p.Property.Name == "unmatched-ready").Verdict);
        Assert.False(Check("single-bit", s_small).IsBroken);
    }

    /// <summary>Those that do not break are <see cref="HostileTests"/>'.</summary>
    [Theory]
    [InlineData("single-bit:variant=as-posted", true)]
    [RepeatData("single-bit", false)]
    [RepeatData("multi-bit", false)]
    [RepeatData("async-hint", false)]
    public void Hostile_userspace_hurts_only_itself(string spec, bool isBroken)
    {
        var outcome = Check(spec, CheckInstance.Named.Single(i => i.Name == "hostile"));
        Assert.Equal(isBroken, outcome.IsBroken);
        Assert.True(isBroken || outcome.Result.IsExhausted);
        Assert.Equal(isBroken ? PropertyVerdict.Broken
            : PropertyVerdict.Holds,
            outcome.Result.Properties.Single(p => p.Property.Name == "unmatched-ready").Verdict);
        Assert.Equal(PropertyVerdict.NotAsked,
            outcome.Result.Properties.Single(p => p.Property.Name == "lost-wakeup").Verdict);
    }

    [Fact]
    public void Every_bound_leaves_it_undecided()
    {
        foreach (var options in new SearchOptions[] { new() { MaxStates = 100 }, new() { MaxBytes = 1 },
            new() { Stop = () => "enough" } })
        {
            var outcome = Check("single-bit", s_small, options);
            Assert.NotNull(outcome.Result.Bound);
            Assert.True(outcome.IsUndecided);
            Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict is PropertyVerdict.Holds
                or PropertyVerdict.NeverSeen);
        }
    }

    /// <summary>A bound of time may be spent in searches that only taught how the encoding guards its words.</summary>
    [Fact]
    public void What_was_searched_in_vain_is_counted()
    {
        var result = Check("exitless:ring=1", CheckInstance.Resolve("hostile:tasks=1,hostile-acts=1"),
            new() { MaxStates = 500 }).Result;
        Assert.InRange(result.States, 500, 1_000);
        Assert.True(result.StatesBegunAnew >= result.States);
    }

    [Fact]
    public void Random_and_priority_schedules_find_it_too()
    {
        foreach (var changePoints in new[] { -1, 3 })
        {
            var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit:variant=as-posted");
            var options = new WalkOptions(20_000, 300, 1, changePoints, 1);
            var (result, history) = Checker.Walk(encoding, s_small, options, () => false);
            Assert.NotNull(history);
            Assert.Equal("unmatched-ready", history.Property);
            Assert.Contains(history.Steps[^1].Events, e => e.Contains("VIOLATION", StringComparison.Ordinal)
                || e.Contains("violation", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(result.FirstBroken,
                Checker.Walk(encoding, s_small, options with { Threads = 4 }, () => false).Result.FirstBroken);
        }
    }

    private static CheckOutcome Check(string spec, CheckInstance instance, SearchOptions options) =>
        Checker.Run(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), instance, options);

    private static CheckOutcome Check(string spec, CheckInstance instance) => s_whole((spec, instance));

    private static IEnumerable<string> Words(CheckOutcome outcome) =>
        outcome.Result.Properties.Select(p => $"{p.Property.Name}: {p.Verdict}");
}
