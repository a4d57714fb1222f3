using UapiLab.Abstractions;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C14.</summary>
internal sealed class C14CannotInject : Concern
{
    public override string Id => "C14";
    public override string Title => "cannot inject #PF";
    public override string Question =>
        "What happens when an injection is refused: IF = 0, CPL 0 without SEND_ALWAYS, the APF area cannot be written?";
    public override string Source => $"{Mails.CoverLetter} (left aside there)";
    public override string Method =>
        "Every interleaving of `tasks`: any access in user mode, at CPL 0 or with IF = 0, one refused injection. "
            + "Broken: a wake-up is lost or an injection illegal. "
        + "Otherwise a simulation in which a share of the accesses is at CPL 0 says what the vCPU does there: at a "
            + "cost if it halts in KVM, holds if it exits and blocks as without APF. "
        + "Not asked: an exception or IF = 0 that the VMM brings about between exit and re-entry, nested guests.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var outcome = bench.Explore(ConcernWords.Instance("tasks"));
        var verdict = ConcernWords.Of([outcome]);
        var none = bench.PerFault("mixed:cpl0=0", r => r.ApfHalts);
        var share = bench.PerFault("mixed:cpl0=0.3", r => r.ApfHalts);
        var halts = share is { } s && none is { } n && s.Mean > n.Mean + Noise;
        verdict = verdict == ConcernVerdict.Holds && halts ? ConcernVerdict.HoldsAtACost : verdict;
        var blocks = bench.Encoding.Description.Interception == Interception.Memslot ? "exits and blocks"
            : "blocks in the kernel";
        return new(Id, bench.Name, verdict, verdict == ConcernVerdict.Broken ? "breaks, see the history" : halts
            ? "the vCPU halts in KVM" + outcome.Where : blocks + outcome.Where,
            [
                ConcernWords.Checked(outcome),
                ConcernWords.Simulated(bench, "mixed:cpl0=0", none, "APF halts per fault, every access in user mode"),
                ConcernWords.Simulated(bench, "mixed:cpl0=0.3", share,
                    "APF halts per fault, 30 % of the accesses at CPL 0"),
            ]);
    }

    /// <summary>Halts of a fault on a page that is asked for already, which have nothing to do with the mode.</summary>
    private const decimal Noise = 0.01m;
}
