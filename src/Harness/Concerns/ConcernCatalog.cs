namespace UapiLab.Harness.Concerns;

/// <summary>The concerns of the thread.</summary>
public static class ConcernCatalog
{
    /// <summary>In their order.</summary>
    public static IReadOnlyList<Concern> All { get; } =
    [
        new C1SyncAndAsync(), new C2NeverRuns(), new C3OtherPurpose(), new C4OnItsWay(), new C5RaceWithTheCheck(), new C6CostOfRechecking(),
        new C7WorstWorkload(), new C8Extensible(), new C9OneWay(), new C10AllOrNothing(), new C11ExitInVcpuContext(), new C12NotAtomic(),
        new C13Duplicated(), new C14CannotInject(), new C15Rearming(), new C16Hostile(),
    ];
}
