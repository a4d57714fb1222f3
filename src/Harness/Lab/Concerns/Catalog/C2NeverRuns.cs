using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab.Concerns.Sweeps;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C2.</summary>
internal sealed class C2NeverRuns : Concern
{
    // Half a thousandth of the faults is noise of the kernel-mode share, not of the encoding.
    private const decimal Some = 0.0005m;

    // From here on it is no longer an exception.
    private const decimal OneInTwenty = 0.05m;

    private static readonly long[] s_fetches = [1_000, 3_000, 10_000, 30_000, 100_000, Durations.Millisecond];
    private static readonly long[] s_shares = [0, 100, 250, 500, 750, 1_000];

    public override string Id => "C2";
    public override string Title => "the guest never gets to run";
    public override string Question =>
        "If userspace resolves the fault before it calls KVM_RUN again, does the guest get not-present and ready back "
            + "to back?";
    public override string Source => Mails.BackToBack;
    public override string Method =>
        "Count of APFs whose ready was queued before the guest ran one instruction, where every fault is resolved at "
            + "once. Broken: there are some; holds: none. APFs with nothing else runnable and late ones are "
            + "printed and do not count: the thread means back to back. "
        + "Beside it, the count as fetches get longer and as more pages are local, under a VMM that waits 10 us "
            + "before it hands a fault off, and where it passes one fault in twenty.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        const string Workload = "all-sync";
        var rate = bench.PerFault(Workload, r => r.BackToBackApf);
        var slower = bench.Speedup(Workload);
        var verdict = rate is not { } r ? ConcernVerdict.NotDecided : r.Mean > Some ? ConcernVerdict.Broken
            : ConcernVerdict.Holds;
        return new(Id, bench.Name, verdict, rate is { } n ? $"{ConcernWords.Number(n)} back to back a fault"
            : "no run finished",
        [
            ConcernWords.Simulated(bench, Workload, rate, "APFs back to back per fault"),
            .. ConcernWords.BesideBackToBack(bench, Workload),
            ConcernWords.Simulated(bench, Workload, slower, "speed against exit and block"),
            Counted(bench, "APFs back to back per fault on mixed:sync=0, VMM waits 10us", "fetch time", SweepScale.Time,
                s_fetches, fetch => $"mixed:sync=0,fetch={fetch}"),
            Counted(bench, "APFs back to back per fault on mixed, VMM waits 10us", "share of local pages",
                SweepScale.Share, s_shares, share => $"mixed:sync={share}"),
        ]);
    }

    private Evidence Counted(ConcernBench bench, string what, string parameter, SweepScale scale, long[] values,
        Func<string, string> workload) =>
        ConcernWords.Swept(bench, Id,
            new Sweep(what, parameter, scale, values,
            v => bench.PerFault(workload(scale.Text(v)), r => r.BackToBackApf))
            { Level = OneInTwenty }.Run());
}
