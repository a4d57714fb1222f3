using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Tests.Simulation.Traces;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Runs of the simulator, written as traces: what the machine does its conformance check accepts, and of a
/// guest that a defect has stopped the diagnosis names the wait that the defect causes.</summary>
public sealed class SimulatedTraceTests
{
    private const string AtFault = "async-hint:inject=at-fault";
    private const string Stock = "kernel-apf";
    private const string Small = "mixed:pages=8,cpl0=0";

    /// <summary>More faults of a vCPU than a ring has entries.</summary>
    private const string RoundTheRing = "mixed:pages=40";

    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    /// <summary>What a wait of the diagnosis is for, in the words that it has for it.</summary>
    public enum Wait
    {
        /// <summary>Nobody of the VMM has seen the fault.</summary>
        Notice,
        /// <summary>The page is there, and nobody tells KVM.</summary>
        Completion,
        /// <summary>KVM was told, and does not look.</summary>
        Delivery,
    }

    /// <summary>Mistakes of a VMM that stop the guest, and what it then waits for.</summary>
    public static TheoryData<string, string, Wait> Mistakes => new()
    {
        { "single-bit", "the check whether the page has come meanwhile is left out", Wait.Completion },
        { "single-bit", "KVM_ASYNC_PF_USER_READY is left out", Wait.Completion },
        { "multi-bit", "the check whether the page has come meanwhile is left out", Wait.Completion },
        { "multi-bit", "KVM_USERFAULT_READY is left out", Wait.Completion },
        { "multi-bit:bits=4", "the check whether the page has come meanwhile is left out", Wait.Completion },
        { "multi-bit:bits=4", "KVM_USERFAULT_READY is left out", Wait.Completion },
        { AtFault, "the check whether the page has come meanwhile is left out", Wait.Completion },
        { AtFault, "(KVM_APF_OP_READY) is left out", Wait.Completion },
        { "exitless", "KVM_SET_APF_EVENTFD comes last", Wait.Notice },
        { "exitless", "before the first KVM_RUN of a vCPU, the update of apf_flags is left out", Wait.Notice },
        { "exitless", "the load of apf_notify_index is left out", Wait.Notice },
        { "exitless", "the load of apf_notify is left out", Wait.Notice },
        { "exitless", "when the eventfd is readable, the update of apf_flags is left out", Wait.Notice },
        { "exitless", "the check whether the page has come meanwhile is left out", Wait.Completion },
        { "exitless", "the update of apf_complete is left out", Wait.Completion },
        { "exitless", "the update of apf_complete_index is left out", Wait.Completion },
        { "exitless", "the signal to KVM's eventfd is left out", Wait.Completion },
        { "exitless:notify=always", "the load of apf_notify_index is left out", Wait.Notice },
        { "exitless:notify=always", "the check whether the page has come meanwhile is left out", Wait.Completion },
        { "exitless:notify=always", "the signal to KVM's eventfd is left out", Wait.Completion },
        { "exitless:notify=always", "the update of apf_complete_index is left out", Wait.Completion },
        { "exitless:ring=2", "the load of apf_notify is left out", Wait.Notice },
        { "exitless:ring=2", "the update of apf_complete is left out", Wait.Completion },
        { "exitless:ring=2", "the signal to KVM's eventfd is left out", Wait.Completion },
    };

    /// <summary>Defects of a VMM's half or of the machine's KVM.</summary>
    public static TheoryData<string, Wait> Defects => new()
    {
        { "never-ready", Wait.Completion },
        { "wrong-frame", Wait.Completion },
        { "no-auto-completion", Wait.Completion },
    };

    public static TheoryData<string, string> Healthy => new(
        from spec in new[]
        {
            "single-bit", "single-bit:apf=off", "single-bit:variant=as-posted", "multi-bit", AtFault, "exitless",
            "exitless:ring=2", "never-async", "userfaultfd", Stock,
        }
        from workload in new[] { spec == "exitless" ? RoundTheRing : "mixed:pages=15", "all-sync:pages=20" }
        select new TheoryDataRow<string, string>(spec, workload));

    [Theory]
    [MemberData(nameof(Healthy))]
    public void A_guest_that_ends_is_accepted_and_waits_for_nothing(string spec, string workload)
    {
        var report = Check(Run(s_registry.Resolve(spec), workload, null, out var result), spec);
        Assert.False(result.HasViolation);
        Assert.True(report.Verdict == ConformVerdict.Accepted, $"{report.Rejection}");
        Assert.Equal("nothing waits at the end", report.Diagnosis[0]);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_guest_that_a_mistake_stops_is_stuck_on_what_was_left_out(string spec, string clause, Wait wait)
    {
        var encoding = s_registry.Resolve(spec);
        var careful = new MistakenEncoding(encoding, mistake: null);
        Run(careful, Small, null, out _);
        var mistake = careful.Plan.Sites
            .SelectMany(site => MistakeRow.All.Where(row => row.Applies(site.Key, site.Value, encoding))
                .Select(row => new Mistake(site.Key, row.Kind)))
            .First(m => m.What(encoding).Contains(clause, StringComparison.Ordinal));
        AssertStuck(Run(new MistakenEncoding(encoding, mistake), Small, null, out var result), spec, result, wait);
    }

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_guest_that_a_seeded_defect_stops_is_stuck_on_it(string id, Wait wait)
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var text = Run(defect.Family.With(), Small, defect.BrokenRule, out var result);
        AssertStuck(text, defect.Control!.With(), result, wait);
    }

    /// <summary>Without A8 a done APF wakes nobody, which looks like a vCPU that is slow to look.</summary>
    [Theory]
    [InlineData("single-bit")]
    [InlineData("exitless")]
    [InlineData(Stock)]
    public void A_halt_that_a_completion_does_not_end_is_told(string spec) =>
        AssertStuck(Run(s_registry.Resolve(spec), Small, "A8Runnable", out var result), spec, result, Wait.Delivery);

    /// <summary>What no KVM does is the first sign of trouble. Where nothing asks for a delivery, a vCPU enters without
    /// it (A7), or for no reason (A13): what woke it is not delivered.</summary>
    [Theory]
    [InlineData("single-bit", "A7Request", "A7", "A13")]
    [InlineData("exitless", "A7Request", "A7", "A13")]
    [InlineData(Stock, "A7Request", "A7", "A13")]
    [InlineData("single-bit", "A9OneAtATime", "A9")]
    [InlineData("exitless", "A9OneAtATime", "A9")]
    [InlineData(Stock, "A9OneAtATime", "A9")]
    public void A_KVM_that_breaks_a_rule_is_rejected_at_the_first_sign(
        string spec, string broken, params string[] rules)
    {
        var rejection = Check(Run(s_registry.Resolve(spec), Small, broken, out _), spec) is { Rejection: { } r } report
            && report.Diagnosis[0] == $"first sign of trouble: event {r.Number} breaks rule {r.Rule}; before it:"
            ? r : null;
        Assert.Contains(rejection?.Rule, rules);
    }

    private static void AssertStuck(string text, string spec, RunResult result, Wait wait) =>
        AssertStuck(text, spec == Stock ? null : s_registry.Resolve(spec), result, wait);

    private static void AssertStuck(string text, Encoding? encoding, RunResult result, Wait wait)
    {
        Assert.True(result.Violations[(int)ViolationKind.LostWakeup] > 0, "it is not stuck");
        var report = Check(text, encoding);
        Assert.True(report.Verdict == ConformVerdict.Accepted, $"{report.Rejection}");
        Assert.InRange(report.Diagnosis.Count, 2, 20);
        Assert.Matches(@"^vCPU \d may be stuck: it waits for the ready of token 0x[0-9a-f]+ for gfn 0x[0-9a-f]+",
            report.Diagnosis[0]);
        Assert.Contains("What ends it: " + wait switch
        {
            Wait.Notice => "the VMM's look at the fault, of which no marker speaks",
            Wait.Completion => "who completes the APF; the page came at",
            _ => "KVM's next look at its done list",
        }, report.Diagnosis[0], StringComparison.Ordinal);
    }

    private static ConformReport Check(string text, string spec) =>
        Check(text, spec == Stock ? null : s_registry.Resolve(spec));

    private static string Run(Encoding encoding, string workload, string? broken, out RunResult result)
    {
        var text = new StringWriter();
        var run = new BrokenWorkload(WorkloadCatalog.BuiltIn.Plan(workload).Base, RuleSet.Parse(broken ?? ""));
        result = SimulatedTrace.Write(text, encoding, run, CostTable.Default, seed: 1,
            TestContext.Current.CancellationToken);
        return text.ToString();
    }

    private static ConformReport Check(string text, Encoding? encoding)
    {
        using var file = new TemporaryFile(text);
        return TraceConformance.Check(file.Path, new() { Encoding = encoding }, TestContext.Current.CancellationToken);
    }

    /// <summary>On a machine that does not keep some rules.</summary>
    private sealed class BrokenWorkload(Workload whole, RuleSet broken) : Workload
    {
        public override string Name => whole.Name;

        public override MachineConfig Config => whole.Config with { Broken = broken };

        public override long ServiceNs => whole.ServiceNs;

        public override IGuestProgram Program(ulong seed) => whole.Program(seed);

        public override int Choose(ulong seed, ChoiceKind kind, ulong key) => whole.Choose(seed, kind, key);

        public override long FetchNs(ulong seed, ulong gfn, Disposition disposition) =>
            whole.FetchNs(seed, gfn, disposition);

        public override long Delay(ulong seed, DelayKind kind, ulong key) => whole.Delay(seed, kind, key);

        public override Workload WithPolicy(VmmPolicy policy) => throw new NotSupportedException();
    }
}
