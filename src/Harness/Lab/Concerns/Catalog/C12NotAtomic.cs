using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C12.</summary>
internal sealed class C12NotAtomic : Concern
{
    public override string Id => "C12";
    public override string Title => "updates are not atomic";
    public override string Question =>
        "Does any interleaving of updates and checks of the shared state let the guest read an unpopulated page or "
            + "lose a wake-up, under sc, x86-TSO and a weak order?";
    public override string Source => Mails.TwoBits;
    public override string Method =>
        "Every interleaving of machines on which frames share a word and are armed again: `re-arm-frames` under sc, "
            + "`shared-word` under tso, "
        + "`shared-word-task` under the weak order, which multiplies states and is given up early. A machine with too "
            + "many states gives way to the largest smaller one that can be exhausted. Broken: a property breaks; "
            + "holds: none does, all exhausted.";

    /// <summary>The weak order has more states than patience for most encodings; what breaks, breaks early.</summary>
    private const long MostWeakStates = 1_600_000;

    public override ConcernCell Decide(ConcernBench bench)
    {
        var frames = bench.Explore(ConcernWords.Instance("re-arm-frames"));
        var tso = bench.Explore(CheckInstance.SharedWord with { Order = MemoryOrdering.Tso });
        var weak = bench.Explore(CheckInstance.SharedWordTask with { Order = MemoryOrdering.Weak },
            mostStates: MostWeakStates);
        var verdict = ConcernWords.Of([frames, tso, weak]);
        (Explored Explored, string Order)[] all = [(frames, "sc"), (tso, "tso"), (weak, "weak")];
        return new(Id, bench.Name, verdict, verdict switch
        {
            ConcernVerdict.Broken => "breaks, see the history",
            ConcernVerdict.Holds => "every interleaving is safe"
                + string.Concat(all.Where(o => o.Explored.GivenUp is not null)
                .Select(o => $", {o.Order} on {o.Explored.Outcome.Instance.Name}")),
            _ => "not exhausted under "
                + string.Join(", ", all.Where(o => o.Explored.IsUndecided).Select(o => o.Order)),
        }, [ConcernWords.Checked(frames), ConcernWords.Checked(tso), ConcernWords.Checked(weak)]);
    }
}
