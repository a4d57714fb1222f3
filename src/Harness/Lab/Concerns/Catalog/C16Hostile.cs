using UapiLab.Abstractions;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C16.</summary>
internal sealed class C16Hostile : Concern
{
    public override string Id => "C16";
    public override string Title => "hostile or broken userspace";
    public override string Question =>
        "Can userspace make KVM's half leave its memory, not return, leak an APF, inject an event that matches "
            + "nothing, or return an errno it does not declare?";
    public override string Source => "KVM Userfault reviews; defects of the public history";
    public override string Method =>
        "Every interleaving of `hostile` (two acts of a hostile thread at any moment) and of `careless` (the VMM "
            + "re-enters unresolved, repeats an ioctl). Broken: a property of KVM breaks. "
        + "A loop in KVM is one that makes more accesses than the machine allows a call; one without accesses only "
            + "the worker process of plugins ends. "
        + "The conformance kit generates more such userspaces, with real threads too (docs/testing-kit.md).";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var hostile = bench.Explore(ConcernWords.Instance("hostile"));
        var careless = bench.Explore(ConcernWords.Instance("careless"));
        var verdict = ConcernWords.Of([hostile, careless]);
        return new(Id, bench.Name, verdict, verdict == ConcernVerdict.Broken ? "KVM misbehaves, see the history"
            : verdict == ConcernVerdict.Holds ? "KVM keeps its rules" + hostile.Where : "not exhausted",
            [ConcernWords.Checked(hostile), ConcernWords.Checked(careless)]);
    }
}
