using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Concerns;

/// <summary>C3.</summary>
internal sealed class C3OtherPurpose : KnowledgeConcern
{
    public override string Id => "C3";
    public override string Title => "exits for an entirely different purpose";
    public override string Question => "When KVM injects not-present, can it tell a fault that is wanted for another purpose (write tracking, introspection, poison) from a missing page?";
    protected override string Workload => "intercept";
    protected override string What => "needless not-presents per fault, three faults in ten for another purpose";
    protected override Func<RunResult, long> Count => r => r.SpuriousApf;
    protected override string Broken => "looks like a missing page";
    protected override string Held => "told before it injects";
}
