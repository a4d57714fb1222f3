using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Concerns;

/// <summary>C1.</summary>
internal sealed class C1SyncAndAsync : KnowledgeConcern
{
    public override string Id => "C1";
    public override string Title => "sync and async faults look the same to KVM";
    public override string Question => "When KVM injects not-present, can it tell a fault that the vCPU thread resolves from one that goes to an I/O task?";
    protected override string Workload => "mixed";
    protected override string What => "needless not-presents per fault, half of the pages local";
    protected override Func<RunResult, long> Count => r => r.SpuriousApf;
    protected override string Broken => "looks the same";
    protected override string Held => "can tell before it injects";
}
