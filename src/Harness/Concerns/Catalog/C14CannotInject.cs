using UapiLab.Abstractions;
using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Concerns;

/// <summary>C14.</summary>
internal sealed class C14CannotInject : Concern
{
    public override string Id => "C14";
    public override string Title => "cannot inject #PF";
    public override string Question => "What happens when an injection is refused: IF = 0, CPL 0 without SEND_ALWAYS, a pending exception, the APF area cannot be written?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02 (left aside there)";
    public override string Method => "Every interleaving of `tasks`: any access in user mode, at CPL 0 or with IF = 0, one refused injection. Broken: a wake-up is lost or an injection illegal. "
        + "Holds at a cost: the vCPU halts with other tasks runnable. Holds: neither.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var outcome = bench.Check(ConcernWords.Instance("tasks"));
        var verdict = ConcernWords.Of([outcome]);
        var halts = ConcernWords.Saw(outcome, "vcpu-halted");
        var share = bench.PerFault("mixed:cpl0=0.3", r => r.ApfHalts);
        verdict = verdict == ConcernVerdict.Holds && halts ? ConcernVerdict.HoldsAtACost : verdict;
        return new(Id, bench.Name, verdict, verdict == ConcernVerdict.Broken ? "breaks, see the history" : halts ? "the vCPU halts in KVM" : bench.Encoding.Description.Interception == Interception.Memslot ? "exits and blocks" : "blocks in the kernel",
            [ConcernWords.Checked(bench, outcome), ConcernWords.Simulated(bench, "mixed:cpl0=0.3", share, "APF halts per fault, 30 % of the accesses at CPL 0")]);
    }
}
