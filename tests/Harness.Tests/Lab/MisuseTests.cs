using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Lab.Misuse;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Broken;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Lab;

/// <summary>What the recordings of the series of 2026 show guests lost to is found without being told.</summary>
public sealed class MisuseTests
{
    private const string Document = "docs/misuse.md";

    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    private static readonly string[] s_documented =
    [
        "single-bit", "multi-bit", "async-hint", "async-hint:inject=at-fault", "exitless", "never-async",
        "userfaultfd",
    ];

    private static readonly Func<string, MisuseReport> s_reports =
        Once.For((string spec) => MisuseAnalysis.Run(s_registry.Resolve(spec), threads: 2, () => null));

    [Fact]
    public void An_answer_that_was_interrupted_says_so()
    {
        var asked = 0;
        var report = MisuseAnalysis.Run(s_registry.Resolve("never-async"), threads: 1,
            () => ++asked > 400 ? "interrupted" : null);

        Assert.StartsWith("Interrupted: ", report.Sentences[0], StringComparison.Ordinal);
        Assert.DoesNotContain(report.Sentences, s => s.Contains("a bound ended", StringComparison.Ordinal));
    }

    /// <summary>What a VMM does wrong with exit and block too is no price of the encoding.</summary>
    [Fact]
    public void Mistakes_that_harm_without_the_encoding_too_are_counted_beside()
    {
        static MisuseReport Some(string spec) => MisuseAnalysis.Run(s_registry.Resolve(spec), what =>
            what.Contains("KVM_ASYNC_PF_USER_READY is left out", StringComparison.Ordinal)
            || what.StartsWith("a page's content goes before the page is armed", StringComparison.Ordinal));
        var report = Some("single-bit") with { Beside = Some("never-async") };

        Assert.StartsWith("3 of 3 mistakes ", report.Sentences[0], StringComparison.Ordinal);
        Assert.Equal("1 of them does so with never-async too.", report.Sentences[1]);
    }

    [Fact]
    public void Mistakes_are_numbered_with_a_letter_that_no_rule_has()
    {
        var letters = Rules.All.Select(r => r.Id[..1]).ToHashSet();
        var report = MisuseAnalysis.Run(s_registry.Resolve("single-bit"),
            what => what.Contains("KVM_ASYNC_PF_USER_READY is left out", StringComparison.Ordinal));

        Assert.All(report.Cases, c => Assert.DoesNotContain(c.Id[..1], letters));
        Assert.NotEmpty(report.Cases);
    }

    /// <summary>Each is found by its own clause, breaks its property, and its history has the events in this
    /// order.</summary>
    [Theory]
    [InlineData("async-hint:inject=at-fault", "result of the check whether the page has come meanwhile is ignored",
        "lost-wakeup", "page_placed", "apf_state[0] := 0x2", "guest_not_present")]
    [InlineData("async-hint:inject=at-fault", "(KVM_APF_OP_ACCEPT) is left to another thread",
        "ioctl-refused", "KVM_RUN returns", "VMM calls KVM_RUN", "kvm_async_pf_ready", "run_interrupted",
        "refused with errno 2")]
    [InlineData("async-hint:inject=at-fault", "memory_fault that KVM wrote at ready time",
        "stale-memory-fault", "ready_without_page gfn 0", "kvm_page_fault gfn 1", "stale_memory_fault gfn 0")]
    [InlineData("async-hint:inject=at-fault", "takes every -EFAULT for the memory fault",
        "livelock", "kvm_page_fault gfn 1", "stale_memory_fault gfn 0")]
    [RepeatData("exitless", "readable, the result of the check whether the page has come meanwhile is ignored",
        "lost-wakeup", "page_placed", "guest_not_present")]
    [InlineData("single-bit", "KVM's own reads of a missing page", "unpopulated-read", "kvm_reads_page gfn 0")]
    [InlineData("single-bit", "a new userfault_bitmap", "unpopulated-read", "fetch_or userfault_bitmap_new",
        "page_discarded", "userfault_bitmap[0] = 0x0", "ReadUnpopulated")]
    public void What_recordings_show_is_found(string spec, string mistake, string property, params string[] told)
    {
        var report = MisuseAnalysis.Run(s_registry.Resolve(spec),
            what => what.Contains(mistake, StringComparison.Ordinal));

        var made = Assert.Single(report.Cases);
        var history = Assert.Single(made.Histories, h => h.Property == property);
        Assert.Equal(property is not ("ioctl-refused" or "stale-memory-fault") || made.History is not null,
            made.IsHarmful);
        var lines = history.Steps.Select(s => $"{s.Text}; {string.Join("; ", s.Events)}").ToArray();
        var from = -1;
        foreach (var part in told)
        {
            from = Array.FindIndex(lines, from + 1, l => l.Contains(part, StringComparison.Ordinal));
            Assert.True(from >= 0, $"{part} is not in its place in:\n{string.Join('\n', lines)}");
        }

        Assert.All(report.Controls.Where(c => c.Bound is null), c => Assert.Empty(c.Broken));
    }

    /// <summary>A VMM half that makes no mistake is the half: also in what is left out of a search.</summary>
    [Theory]
    [InlineData("single-bit")]
    [InlineData("exitless:ring=1")]
    public void Watching_changes_nothing(string spec)
    {
        var original = s_registry.Resolve(spec);
        foreach (var instance in MisuseLadder.All.Take(3))
        {
            Assert.Equal(Shape(original, instance), Shape(new MistakenEncoding(original, mistake: null), instance));
        }
    }

    /// <summary>KVM that counts on one READY is harmed by a second; KVM that does not is not.</summary>
    [Theory]
    [InlineData("token-trusting", MisuseVerdict.HarmsKvm)]
    [InlineData("token-control", MisuseVerdict.Refused)]
    public void A_second_ready_harms_who_counts_on_one(string spec, MisuseVerdict verdict)
    {
        var registry = new EncodingRegistry([BrokenEncodings.Control, BrokenEncodings.TrustingControl]);
        var report = MisuseAnalysis.Run(registry.Resolve(spec),
            what => what.StartsWith("when the content", StringComparison.Ordinal)
                && what.EndsWith("is made twice", StringComparison.Ordinal));
        Assert.Equal(verdict, Assert.Single(report.Cases).Verdict);
    }

    /// <summary>The control is no formality.</summary>
    [Fact]
    public void A_careful_half_that_breaks_is_told()
    {
        var report = MisuseAnalysis.Run(
            new EncodingRegistry([BrokenEncodings.NeverReady]).Resolve("broken-never-ready"), _ => false);
        Assert.Contains(report.Controls, c => c.Broken.Contains("lost-wakeup"));
        Assert.Contains(report.Sentences,
            s => s.StartsWith("The careful VMM breaks too: lost-wakeup", StringComparison.Ordinal));
    }

    [Fact]
    public void The_report_does_not_depend_on_threads()
    {
        string Told(int threads) => string.Join('\n', MisuseAnalysis.Run(s_registry.Resolve("never-async"), threads,
            () => null).Cases.Select(c => Invariant($"{c} {c.History?.Steps.Count}")));
        Assert.Equal(Told(1), Told(2));
    }

    [Fact]
    public void Who_gives_up_says_so()
    {
        var report = MisuseAnalysis.Run(s_registry.Resolve("never-async"), threads: 1, () => "interrupted");
        Assert.True(report.IsUndecided);
        Assert.All(report.Cases, c => Assert.Equal(MisuseVerdict.NotDecided, c.Verdict));
    }

    [Fact]
    public void Harms_are_documented() => GeneratedDoc.Check(Document, "harms",
    [
        "| a broken property | verdict |",
        "| --- | --- |",
        .. MachineProperty.All.Where(p => p.Harm != Harm.None).GroupBy(p => p.Harm).OrderByDescending(g => g.Key)
            .Select(g => $"| {string.Join(", ", g.Select(p => $"`{p.Name}`"))} | {Words(g.Key)} |"),
    ]);

    [Fact]
    public void Every_property_that_must_hold_says_whom_it_harms() => Assert.All(MachineProperty.All,
        p => Assert.Equal(p.Kind == PropertyKind.Sometimes, p.Harm == Harm.None));

    [Fact]
    public void Kinds_are_documented() => GeneratedDoc.Check(Document, "kinds",
    [
        "| kind | the VMM | the rule |",
        "| --- | --- | --- |",
        .. MistakeRow.All.Select(r => $"| {r.Name} | {Filled(r.What)} | {Filled(r.Rule)} |"),
    ]);

    [Fact]
    public void Machines_are_documented() => GeneratedDoc.Check(Document, "machines",
    [
        "| machine | vCPUs x tasks x frames | memory order | free besides the VMM's policy and the order of "
            + "everything |",
        "| --- | --- | --- | --- |",
        .. MisuseLadder.All.Select(i => Invariant($"| `{i.Name}` | {i.Vcpus} x {i.TasksPerVcpu} x {i.Gfns} | ")
            + $"{i.Order.ToString().ToLowerInvariant()} | {Free(i)} |"),
    ]);

    [Fact]
    public void Mistakes_around_the_half_are_documented() => GeneratedDoc.Check(Document, "around",
    [
        "| id | the VMM | machine | the careful one |",
        "| --- | --- | --- | --- |",
        .. VmmMistake.All.Select(m => $"| `{m.Id}` | {m.What} | `{m.Mistaken.Name}` | `{m.Careful.Name}` |"),
    ]);

    /// <summary>Every encoding takes a minute altogether.</summary>
    [Fact]
    public void Results_are_documented()
    {
        if (!Repeats.AreWanted)
        {
            Assert.Skip(Repeats.Reason);
        }

        GeneratedDoc.Check(Document, "results",
        [
            "| encoding | hang or corrupt / tried | harm KVM | corrupt | hang | refused | cost time | harmless "
                + "| not decided | the worst |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            .. s_documented.Select(s_reports)
                .Select(r => Invariant($"| `{r.Encoding}` | {r.Harmful} / {r.Cases.Count} | ")
                + string.Join(" | ", new[]
                {
                    MisuseVerdict.HarmsKvm, MisuseVerdict.CorruptsGuest, MisuseVerdict.HangsGuest,
                    MisuseVerdict.Refused, MisuseVerdict.CostsTime, MisuseVerdict.Harmless, MisuseVerdict.NotDecided,
                }.Select(v => Invariant($"{r.Cases.Count(c => c.Verdict == v)}"))) + $" | {r.Worst?.What ?? "none"} |"),
        ]);
    }

    private static string Words(Harm harm) => (harm switch
    {
        Harm.HarmsKvm => MisuseVerdict.HarmsKvm,
        Harm.CorruptsGuest => MisuseVerdict.CorruptsGuest,
        _ => MisuseVerdict.HangsGuest,
    }).Words();

    private static string Filled(string pattern) =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, "…", "the call");

    private static string Free(CheckInstance instance)
    {
        string[] free =
        [
            .. instance.Prefetcher ? ["prefetcher"] : Array.Empty<string>(),
            .. instance.Environment.Signals > 0 ? ["EINTR or immediate_exit"] : Array.Empty<string>(),
            .. instance.Rearms > 0 ? ["one round of re-arming"] : Array.Empty<string>(),
            .. instance.ApfLimit < 2 ? ["queue limit 1"] : Array.Empty<string>(),
            .. instance.IoThreads > 1 ? ["a second I/O thread"] : Array.Empty<string>(),
        ];
        return free.Length == 0 ? "nothing" : string.Join(", ", free);
    }

    private static (long, long, int) Shape(Encoding encoding, CheckInstance instance)
    {
        var result = Checker.Run(encoding, instance, new()).Result;
        Assert.True(result.IsExhausted);
        return (result.States, result.Transitions, result.Depth);
    }
}
