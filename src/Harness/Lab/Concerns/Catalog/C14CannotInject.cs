using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C14.</summary>
internal sealed class C14CannotInject : Concern
{
    public override string Id => "C14";
    public override string Title => "cannot inject #PF";
    public override string Question =>
        "What happens when an injection is refused: IF = 0, CPL 0 without SEND_ALWAYS, the APF area cannot be written, "
            + "a guest whose state is protected?";
    public override string Source => $"{Mails.CoverLetter} (left aside there)";
    public override string Method =>
        "Every interleaving of `tasks`: any access in user mode, at CPL 0 or with IF = 0, one refused injection. "
            + "Broken: a wake-up is lost or an injection illegal. "
        + "Otherwise a simulation in which a share of the accesses is at CPL 0 says what the vCPU does there: at a "
            + "cost if it halts in KVM, holds if it exits and blocks as without APF. "
        + "A guest whose state is protected (SEV-ES, SNP) and that has not set SEND_ALWAYS gets no not-present, since "
            + "KVM does not see its CPL (kvm_can_deliver_async_pf): every access is as if at CPL 0. A TDX guest cannot "
            + "enable APF (tdx_has_emulated_msr has none of its MSRs). Both are about faults on shared memory; "
            + "upstream a private fault starts no APF. "
        + "Not asked: an exception or IF = 0 that the VMM brings about between exit and re-entry, nested guests.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var outcome = bench.Explore(ConcernWords.Instance("tasks"));
        var verdict = ConcernWords.Of([outcome]);
        var none = bench.PerFault("mixed:cpl0=0", r => r.ApfHalts);
        var share = bench.PerFault("mixed:cpl0=0.3", r => r.ApfHalts);
        var isProtected = bench.PerFault(Protected, r => r.ApfHalts);
        var tdx = bench.PerFault(Tdx, r => r.ApfHalts);
        var halts = Exceeds(share, none);
        verdict = verdict == ConcernVerdict.Holds && halts ? ConcernVerdict.HoldsAtACost : verdict;
        var blocks = bench.Encoding.Description.Interception == Interception.Memslot ? "exits and blocks"
            : "blocks in the kernel";
        string Does(Summary? measured) => Exceeds(measured, none) ? "halts in KVM" : blocks;
        return new(Id, bench.Name, verdict, verdict == ConcernVerdict.Broken ? "breaks, see the history"
            : $"the vCPU {(halts ? "halts in KVM" : blocks)}{outcome.Where}; SEV-ES and SNP without SEND_ALWAYS: "
                + $"{Does(isProtected)}; TDX: {Does(tdx)}",
            [
                ConcernWords.Checked(outcome),
                ConcernWords.Simulated(bench, "mixed:cpl0=0", none, "APF halts per fault, every access in user mode"),
                ConcernWords.Simulated(bench, "mixed:cpl0=0.3", share,
                    "APF halts per fault, 30 % of the accesses at CPL 0"),
                ConcernWords.Simulated(bench, Protected, isProtected,
                    "APF halts per fault, the guest's state is protected and SEND_ALWAYS is not set"),
                ConcernWords.Simulated(bench, Tdx, tdx, "APF halts per fault, the guest cannot enable APF (TDX)"),
            ]);
    }

    private static bool Exceeds(Summary? value, Summary? other) =>
        value is { } v && other is { } o && v.Mean > o.Mean + Noise;

    private const string Protected = "mixed:cpl0=1";
    private const string Tdx = "mixed:guest-apf=off";

    /// <summary>Halts of a fault on a page that is asked for already, which have nothing to do with the mode.</summary>
    private const decimal Noise = 0.01m;
}
