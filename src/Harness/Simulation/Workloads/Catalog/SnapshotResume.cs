using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>snapshot-resume</c>: a guest that was restored from a snapshot file touches its working set.</summary>
/// <remarks>Half of the frames are in the host's page cache from earlier restores of the same snapshot and cost a copy.
/// The others come from disk: 100 us is a 4 KiB read of a busy NVMe drive, one in ten takes 2 ms (queueing, a network
/// disk, a cold directory). 5 us per page are the 200,000 reads a second such a drive does. A restored server has
/// several tasks per vCPU with something to do between first touches, here 20 us. The first touches after a restore are
/// to a large part the kernel's own, hence more kernel mode than elsewhere.</remarks>
internal static class SnapshotResume
{
    public static WorkloadFamily Family { get; } = new(
        "snapshot-resume",
        "A guest restored from a snapshot: half the pages in the host's page cache, half on a busy NVMe drive.",
        new SyntheticParameters
        {
            Vcpus = 4,
            MemoryTasks = 4,
            Pages = 150,
            Think = Distribution.Exponential(20 * Durations.Microsecond, 200 * Durations.Microsecond),
            SyncPermille = 500,
            Local = Distribution.Constant(2 * Durations.Microsecond),
            Fetch = Distribution.Bimodal(100 * Durations.Microsecond, 2 * Durations.Millisecond, 100_000),
            ServiceNs = 5 * Durations.Microsecond,
            IoThreads = 4,
            Cpl0Permille = 100,
        });
}
