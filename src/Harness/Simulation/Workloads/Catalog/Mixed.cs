using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>mixed</c>: a given share of faults is resolved at once, the others are fetched.</summary>
/// <remarks>Concern C10: what an encoding pays for the faults that it treats like the other kind. One half of each,
/// since either extreme is a workload of its own. 100 us is between post-copy's network and the RFC's disk, and long
/// enough for an APF to pay.</remarks>
internal static class Mixed
{
    public static WorkloadFamily Family { get; } = new(
        "mixed",
        "A given share of local pages (sync), the others fetched in 100 us.",
        new SyntheticParameters
        {
            Vcpus = 4,
            MemoryTasks = 4,
            Pages = 150,
            Think = Distribution.Exponential(10 * Durations.Microsecond, 100 * Durations.Microsecond),
            SyncPermille = 500,
            Fetch = Distribution.ShiftedExponential(80 * Durations.Microsecond, 20 * Durations.Microsecond,
                400 * Durations.Microsecond),
            IoThreads = 2,
        });
}
