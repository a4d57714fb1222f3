using UapiLab.Harness.Checking;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Concerns;

/// <summary>C12.</summary>
internal sealed class C12NotAtomic : Concern
{
    public override string Id => "C12";
    public override string Title => "updates are not atomic";
    public override string Question => "Does any interleaving of updates and checks of the shared state let the guest read an unpopulated page or lose a wake-up, under sc, x86-TSO and a weak order?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02; KVM Userfault reviews";
    public override string Method => "Every interleaving of machines on which frames share a word and are armed again: `re-arm-frames` under sc, `shared-word` under tso, "
        + "`shared-word-task` under the weak order, which multiplies states and is given up early. Broken: a property breaks; holds: none does, all exhausted.";

    /// <summary>The weak order has more states than patience for most encodings; what breaks, breaks early.</summary>
    private const long MostWeakStates = 3_000_000;

    public override ConcernCell Decide(ConcernBench bench)
    {
        var frames = bench.Check(ConcernWords.Instance("re-arm-frames"));
        var tso = bench.Check(CheckInstance.SharedWord with { Order = MemoryOrdering.Tso });
        var weak = bench.Check(CheckInstance.SharedWordTask with { Order = MemoryOrdering.Weak }, mostStates: MostWeakStates);
        var verdict = ConcernWords.Of([frames, tso, weak]);
        var undecided = string.Join(", ", new[] { (frames, "sc"), (tso, "tso"), (weak, "weak") }.Where(o => o.Item1.IsUndecided).Select(o => o.Item2));
        return new(Id, bench.Name, verdict, verdict == ConcernVerdict.Broken ? "breaks, see the history" : verdict == ConcernVerdict.Holds ? "every interleaving is safe" : "not exhausted under " + undecided,
            [
                ConcernWords.Checked(bench, frames), ConcernWords.Checked(bench, tso),
                ConcernWords.Checked(bench, weak) is var checkedWeak && weak.IsUndecided ? checkedWeak with { Command = $"{checkedWeak.Command} --max-states {MostWeakStates}" } : checkedWeak,
            ]);
    }
}
