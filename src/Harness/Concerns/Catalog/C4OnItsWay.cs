using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Concerns;

/// <summary>C4.</summary>
internal sealed class C4OnItsWay : KnowledgeConcern
{
    public override string Id => "C4";
    public override string Title => "page already on its way";
    public override string Question => "When KVM injects not-present, can it tell a page that somebody has asked for before from one that nobody has?";
    protected override string Workload => "prefetch-race";
    protected override string What => "not-presents per fault for a page under way, a prefetcher just ahead of the guest";
    protected override Func<RunResult, long> Count => r => r.InFlightApf;
    protected override string Broken => "looks the same";
    protected override string Held => "told before it injects";
}
