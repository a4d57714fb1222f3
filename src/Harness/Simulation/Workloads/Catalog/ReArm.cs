using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>re-arm</c>: pages are taken away again while the guest runs.</summary>
/// <remarks>Concern C15: marking a mapped page does nothing without a zap, and a zap goes through a memslot update in
/// which the flag is off for a while. A VMM that pages memory out in rounds: 64 frames every 2 ms, which keeps a few
/// per cent of the working set away, and several passes over the frames so that they are missed. The vCPUs are paused
/// for a round by default; <c>rearm-pause=off</c> leaves them running through the window.</remarks>
internal static class ReArm
{
    public static WorkloadFamily Family { get; } = new(
        "re-arm",
        "Frames are re-armed in rounds through memslot updates while the guest goes over them again.",
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
