namespace UapiLab.Harness.Concerns;

/// <summary>C2.</summary>
internal sealed class C2NeverRuns : Concern
{
    // Half a thousandth of the faults is noise of the kernel-mode share, not of the encoding.
    private const decimal Some = 0.0005m;

    public override string Id => "C2";
    public override string Title => "the guest never gets to run";
    public override string Question => "If userspace resolves the fault before it calls KVM_RUN again, does the guest get not-present and ready back to back?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02";
    public override string Method => "Count of APFs whose ready was queued before the guest ran one instruction, where every fault is resolved at once. Broken: there are some; holds: none.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        const string Workload = "all-sync";
        var rate = bench.PerFault(Workload, r => r.BackToBackApf);
        var slower = bench.Speedup(Workload);
        var verdict = rate is not { } r ? ConcernVerdict.NotDecided : r.Mean > Some ? ConcernVerdict.Broken : ConcernVerdict.Holds;
        return new(Id, bench.Name, verdict, rate is { } n ? $"{ConcernWords.Number(n)} spurious a fault" : "no run finished",
        [
            ConcernWords.Simulated(bench, Workload, rate, "APFs back to back per fault"),
            ConcernWords.Simulated(bench, Workload, slower, "speed against exit and block"),
        ]);
    }
}
