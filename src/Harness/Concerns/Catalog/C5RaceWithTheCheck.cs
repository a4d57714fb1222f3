using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Concerns;

/// <summary>C5.</summary>
internal sealed class C5RaceWithTheCheck : KnowledgeConcern
{
    public override string Id => "C5";
    public override string Title => "marking present races with the check";
    public override string Question => "Can KVM inject not-present for a page whose content is there already?";
    protected override string Workload => "prefetch-race";
    protected override string What => "not-presents per fault with the content there";
    protected override Func<RunResult, long> Count => r => r.LateApf;
    protected override string Broken => "a race remains";
    protected override string Held => "no race";
}
