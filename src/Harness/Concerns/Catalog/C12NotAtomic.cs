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
    public override string Method => "Every interleaving of `quick` under tso, of re-arm-frames under sc and of a small machine under the weak order. Broken: a property breaks; holds: none does, all exhausted.";

    private static CheckInstance Small { get; } = new()
    {
        Name = "own", Vcpus = 2, Gfns = 1, TasksPerVcpu = 1, Rearms = 0, Prefetcher = false, Environment = new(), Modes = [GuestStepFlags.None], Order = MemoryOrdering.Weak,
    };

    public override ConcernCell Decide(ConcernBench bench)
    {
        var tso = bench.Check(CheckInstance.Quick with { Order = MemoryOrdering.Tso });
        var frames = bench.Check(ConcernWords.Instance("re-arm-frames"));
        var weak = bench.Check(Small);
        var verdict = ConcernWords.Of([tso, frames, weak]);
        return new(Id, bench.Name, verdict, verdict == ConcernVerdict.Broken ? "breaks, see the history" : verdict == ConcernVerdict.Holds ? "every interleaving is safe" : "not exhausted",
        [
            ConcernWords.Checked(bench, tso), ConcernWords.Checked(bench, frames),
            ConcernWords.Checked(bench, weak) with { Command = $"check {bench.Name} --vcpus 2 --gfns 1 --tasks 1 --memory weak --max-states 3000000" },
        ]);
    }
}
