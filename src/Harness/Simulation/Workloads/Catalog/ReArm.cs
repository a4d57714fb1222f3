using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>re-arm</c>: pages are taken away again while the guest runs.</summary>
/// <remarks>Concern C15: setting the bit of a mapped page does nothing until the page is unmapped, which discarding it
/// does. A VMM that pages memory out in rounds: 64 pages every 2 ms, which keeps a few per cent of the working set
/// away, and several passes over the pages so that they are missed. <c>rearm-by=memslot</c> goes through a memslot
/// update with the vCPUs parked, <c>rearm-by=memslot-running</c> through one while they run.</remarks>
internal static class ReArm
{
    public static WorkloadFamily Family { get; } = new(
        "re-arm",
        "Pages are armed again and discarded in rounds while the guest goes over them again.",
        new SyntheticParameters
        {
            Vcpus = 2,
            MemoryTasks = 4,
            Pages = 100,
            Passes = 4,
            Think = Distribution.Exponential(10 * Durations.Microsecond, 100 * Durations.Microsecond),
            Fetch = Distribution.ShiftedExponential(80 * Durations.Microsecond, 20 * Durations.Microsecond,
                400 * Durations.Microsecond),
            RearmIntervalNs = 2 * Durations.Millisecond,
            RearmPages = 64,
            IoThreads = 2,
        });
}
