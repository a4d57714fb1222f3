using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C6.</summary>
/// <remarks>The CPU's question, asked of KVM: look once more on every fault, or take a needless one now and then? The
/// side that takes them is the encoding; the side that looks is the same encoding where it never injects, at the price
/// of a look on each fault. How rare needless ones are is set by the share of accesses in kernel mode, where none can
/// be injected.</remarks>
internal sealed class C6CostOfRechecking : Concern
{
    private static readonly long[] s_shares = [0, 20, 50, 100, 200, 500, 750, 1_000];
    private static readonly long[] s_looks = [10, 100, 1_000, 10_000, 100_000];
    private static readonly string[] s_kernelModes = ["0", "0.5", "0.9", "0.98"];

    public override string Id => "C6";
    public override string Title => "it is a matter of cost";
    public override string Question =>
        "From which share of faults resolved at once on does an APF cost more than it gains, and up to which price "
            + "would it pay to look again before each injection?";
    public override string Source =>
        $"{Mails.MatterOfCost}: CPUs that re-walk on every fault, and CPUs "
            + "that take a spurious one";
    public override string Method =>
        "Speed against exit and block on `mixed` with a VMM that resolves at once what it has, as the share of local "
            + "pages grows. Holds: never slower; "
        + "holds at a cost: slower from the printed share on. Then, on `all-sync`, the encoding with its "
            + "APFs, each of them needless there, against itself without any but with a look on each fault "
            + "that is always right, "
        + "as the price of the look grows: below the crossing it pays to look; at no price where the vCPU would have "
            + "to wait for another thread instead. Fewer APFs (more accesses in kernel mode) move the "
            + "crossing down.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var gain = new Sweep("speed against exit and block on mixed", "share of local pages", SweepScale.Share,
            s_shares, share => bench.Speedup($"mixed:sync={SweepScale.Share.Text(share)}")).Run();
        var looks =
            s_kernelModes.Select(share => (Share: share,
                Needless: bench.PerFault($"all-sync:cpl0={share}", r => r.NotPresentInjected)))
                .Where(k => k.Needless is { Mean: > 0 })
            .Select(k => (k.Share, Needless: k.Needless!.Value.Mean, Curve: Look(bench, k.Share))).ToArray();
        var crossing = gain.Crossings.FirstOrDefault(c => !c.Rises);
        var isSlower = gain.Points.Any(p => p.High < 1);
        var verdict = gain.Points.Any(p => p.Mean is null) ? ConcernVerdict.NotDecided : isSlower
            ? ConcernVerdict.HoldsAtACost : ConcernVerdict.Holds;
        var where = !isSlower ? "never slower" : crossing is null
            ? $"slower from {gain.Points.First(p => p.High < 1).At} local on"
            : $"slower from {CurveText.At(crossing)} local on";
        return new(Id, bench.Name, verdict, looks.Length > 0 && looks[0].Curve.Crossings.Count > 0
            ? $"{where}; worth a look below {looks[0].Curve.Crossings[0].At}" : where,
        [
            ConcernWords.Swept(bench, Id, gain),
            .. looks.Take(1).Select(l => ConcernWords.Swept(bench, Id, l.Curve)),
            looks.Length > 0
                ? new($"to look on each fault pays up to this price, by needless APFs per fault: "
                    + $"{string.Join(", ", looks.Select(l => $"{Number(l.Needless)}:{Price(l.Curve)}"))}",
                    ConcernWords.Again(bench, Id))
                : new("no APF on all-sync, so nothing to look for again",
                    $"compare {bench.Name} {bench.Baseline} --workload all-sync"),
            Cpu(),
        ]);
    }

    /// <summary>How much faster it is to look, by the price of a look.</summary>
    private static Curve Look(ConcernBench bench, string kernelMode)
    {
        var taking = new ConcernSide(bench.Encoding, $"all-sync:cpl0={kernelMode}", Prices.Default);
        var faultPath = CostTable.Default[Cost.FaultPath].Ns;
        return new Sweep($"speed of looking against needless APFs on {taking.Workload}", "price of a look",
            SweepScale.Time, s_looks,
            look => bench.SpeedOf(new(bench.Encoding, "all-sync:guest-apf=off",
                Prices.With((Cost.FaultPath, faultPath + look))), taking)).Run();
    }

    private static string Price(Curve curve) => curve.Crossings.Count > 0 ? CurveText.At(curve.Crossings[0])
        : curve.Points[0].Mean < 1 ? "at no price" : $"beyond {curve.Points[^1].At}";

    /// <summary>The same of a CPU, from two prices: a walk on each write fault, or an exit for the stale
    /// ones.</summary>
    private static Evidence Cpu()
    {
        var (walk, exit) = (CostTable.Default[Cost.TlbRewalk], CostTable.Default[Cost.VmExit]);
        return new(
            $"a CPU, by the cost table: to walk again on each write fault pays if more than "
            + $"{Number((decimal)walk.Ns / exit.Ns)} of them "
            + $"({Number((decimal)walk.LowNs / exit.HighNs)} to {Number((decimal)walk.HighNs / exit.LowNs)} over the "
                + $"ranges) are spurious", "");
    }

    private static string Number(decimal value) => Invariant($"{value:0.###}");
}
