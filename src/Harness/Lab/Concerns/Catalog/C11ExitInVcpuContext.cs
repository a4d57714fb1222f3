using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C11.</summary>
internal sealed class C11ExitInVcpuContext : Concern
{
    private const decimal Exitless = 0.05m;

    private static readonly long[] s_roundTrips = [500, 2_000, 8_000, 30_000];
    private static readonly string[] s_vcpus = ["1", "4", "8"];

    public override string Id => "C11";
    public override bool LooksAtRivals => true;
    public override string Title => "exiting in vCPU context is kludgy";
    public override string Question =>
        "How many faults make the vCPU thread return to userspace, and how dear must that be for the other way of "
            + "signalling to win?";
    public override string Source => Mails.Supportive;
    public override string Method =>
        "Exits per fault where every fault needs a fetch and could be handed off. Holds: under one in twenty; holds "
            + "at a cost: as many as printed, with the time of an exit from the cost table. "
        + "Then the fastest encoding that signals the other way (without exits if this one exits, with them if not) "
            + "as a rival: its speed against this one by the price of leaving KVM_RUN and calling it again, on "
            + "several numbers of vCPUs.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        const string Workload = "mixed:sync=0,policy=reenter,cpl0=0";
        var exits = bench.PerFault(Workload, r => r.Exits);
        var speed = bench.Speedup(Workload);
        var verdict = exits is not { } e ? ConcernVerdict.NotDecided : e.Mean < Exitless ? ConcernVerdict.Holds
            : ConcernVerdict.HoldsAtACost;
        return new(Id, bench.Name, verdict, exits is { } n ? $"{ConcernWords.Number(n)} exits a fault"
            : "no run finished",
        [
            ConcernWords.Simulated(bench, Workload, exits, "exits per fault"),
            ConcernWords.Simulated(bench, Workload, speed, "speed against exit and block"),
            .. exits is { } own && Rival(bench, own.Mean < Exitless) is { } rival
                ? s_vcpus.Select(vcpus => Against(bench, rival, vcpus)) : [],
        ]);
    }

    /// <summary>The fastest at the default prices.</summary>
    private static Encoding? Rival(ConcernBench bench, bool exits) => bench.Rivals
        .Where(r => bench.PerFault(r, Short("4"), x => x.Exits) is { } count && count.Mean >= Exitless == exits)
        .Select(r => (Rival: r,
            Speed: bench.SpeedOf(new(r, Short("4"), Prices.Default),
            new(bench.Encoding, Short("4"), Prices.Default))?.Mean))
        .Where(r => r.Speed is not null)
        .OrderByDescending(r => r.Speed)
        .Select(r => r.Rival)
        .FirstOrDefault();

    private Evidence Against(ConcernBench bench, Encoding rival, string vcpus)
    {
        var workload = Short(vcpus);
        return ConcernWords.Swept(bench, Id,
            new Sweep($"speed of {rival.Description.FullName} against it on {workload}", "exit round trip",
            SweepScale.Time, s_roundTrips, roundTrip =>
        {
            var costs = Prices.With(Split(roundTrip));
            return bench.SpeedOf(new(rival, workload, costs), new(bench.Encoding, workload, costs));
        }).Run());
    }

    /// <summary>Leaving and coming back, in the proportion of the cost table.</summary>
    private static (Cost, long)[] Split(long roundTrip)
    {
        var (leave, comeBack) = (CostTable.Default[Cost.UserExit].Ns, CostTable.Default[Cost.UserEntry].Ns);
        var first = roundTrip * leave / (leave + comeBack);
        return [(Cost.UserExit, first), (Cost.UserEntry, roundTrip - first)];
    }

    private static string Short(string vcpus) => $"mixed:pages=50,sync=0,policy=reenter,cpl0=0,vcpus={vcpus}";
}
