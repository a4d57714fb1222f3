namespace UapiLab.Harness.Concerns;

/// <summary>C11.</summary>
internal sealed class C11ExitInVcpuContext : Concern
{
    private const decimal Exitless = 0.05m;

    public override string Id => "C11";
    public override string Title => "exiting in vCPU context is kludgy";
    public override string Question => "How many faults make the vCPU thread return to userspace?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02";
    public override string Method => "Exits per fault where every fault needs a fetch and could be handed off. Holds: under one in twenty; holds at a cost: as many as printed, with the time of an exit from the cost table.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        const string Workload = "mixed:sync=0,policy=reenter,cpl0=0";
        var exits = bench.PerFault(Workload, r => r.Exits);
        var speed = bench.Speedup(Workload);
        var verdict = exits is not { } e ? ConcernVerdict.NotDecided : e.Mean < Exitless ? ConcernVerdict.Holds : ConcernVerdict.HoldsAtACost;
        return new(Id, bench.Name, verdict, exits is { } n ? $"{ConcernWords.Number(n)} exits a fault" : "no run finished",
        [
            ConcernWords.Simulated(bench, Workload, exits, "exits per fault"),
            ConcernWords.Simulated(bench, Workload, speed, "speed against exit and block"),
        ]);
    }
}
