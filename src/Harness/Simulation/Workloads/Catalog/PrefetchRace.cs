using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>prefetch-race</c>: a prefetcher runs just ahead of the guest, or abreast of it.</summary>
/// <remarks>Concerns C4 and C5: faults meet pages that are on their way, or arrive while KVM looks at their state. One
/// memory task per vCPU goes through its frames in order, as a prefetcher likes it, and thinks 20 us per frame; the
/// prefetcher asks for one frame per vCPU every 30 us. The guest therefore catches up, is slowed down by its faults to
/// the prefetcher's pace and stays with it. Half of the fetches take 12 us, too short for an APF to pay (a peer's
/// memory), half 60 us (a disk), so that it matters what is known of them. A computing task gives the guest something
/// to do meanwhile; its work is small (mix), because while it has the vCPU the prefetcher gets away.</remarks>
internal static class PrefetchRace
{
    public static WorkloadFamily Family { get; } = new(
        "prefetch-race",
        "A prefetcher just ahead of the guest: faults meet pages that are about to arrive.",
        new SyntheticParameters
        {
            Vcpus = 2,
            CpuTasks = 1,
            MixPermille = 300,
            Pages = 1_000,
            Think = Distribution.Uniform(10 * Durations.Microsecond, 30 * Durations.Microsecond),
            Fetch = Distribution.Bimodal(12 * Durations.Microsecond, 60 * Durations.Microsecond, 500_000),
            PrefetchDepth = 16,
            PrefetchInterval = Distribution.Uniform(10 * Durations.Microsecond, 20 * Durations.Microsecond),
            IoThreads = 2,
        });
}
