using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Lab.Misuse;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C17.</summary>
internal sealed class C17Misuse : Concern
{
    /// <summary>Histories that are told beside the table.</summary>
    private const int MostHistories = 3;

    public override string Id => "C17";
    public override string Title => "hard to misuse";
    public override string Question => "Which small mistakes of a VMM lose its guest?";
    public override string Source => "how a uAPI is judged; recordings of the series of 2026";
    public override string Method =>
        "Mistakes are made mechanically, at each call of the VMM's half and around it, and each is explored on the "
            + "smallest machine that shows it (docs/misuse.md). Broken: one hangs or corrupts the guest, or harms KVM. "
            + "The careful VMM is explored on the same machines. A mistake that breaks nothing is priced by a "
            + "simulation.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var report = bench.Misuse;
        var counts = string.Join(", ", report.Cases.GroupBy(c => c.Verdict).OrderByDescending(g => g.Key)
            .Select(g => Invariant($"{g.Count()} {g.Key.Words()}")));
        var command = $"check {bench.Name} --misuse";
        return new(Id, bench.Name,
            report.Harmful > 0 || report.Controls.Any(c => c.Broken.Count > 0) ? ConcernVerdict.Broken
                : report.IsUndecided ? ConcernVerdict.NotDecided
                : report.Cases.Any(c => c.Verdict == MisuseVerdict.CostsTime) ? ConcernVerdict.HoldsAtACost
                : ConcernVerdict.Holds,
            Invariant($"{report.Harmful} of {report.Cases.Count} mistakes lose the guest"),
            [
                new(string.Join(' ', report.Sentences), command),
                new(counts, command),
                .. report.Cases.Where(c => c.IsHarmful).OrderByDescending(c => c.Verdict)
                    .ThenBy(c => c.History?.Steps.Count ?? int.MaxValue).Take(MostHistories)
                    .Select(c => new Evidence(
                        $"{c.What}: {c.Verdict.Words()} ({c.Why}) on {c.Instance}. {c.Rule}", command,
                        string.Concat(c.Histories.Take(1).Select(HistoryMail.Write)))),
            ]);
    }
}
