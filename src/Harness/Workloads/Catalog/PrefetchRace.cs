using UapiLab.Harness.Determinism;

namespace UapiLab.Harness.Workloads.Catalog;

/// <summary><c>prefetch-race</c>: a prefetcher runs just ahead of the guest, or abreast of it.</summary>
/// <remarks>Concerns C4 and C5: many faults meet a page that is on its way or arriving while KVM looks at its state. The
/// guest goes through its frames in order, as a prefetcher likes it, and needs about as long per frame as the prefetcher
/// between two requests, so neither leaves the other behind; the fetch takes several of these intervals.</remarks>
internal static class PrefetchRace
{
    public static WorkloadFamily Family { get; } = new(
        "prefetch-race",
        "A prefetcher just ahead of the guest: faults meet pages that are about to arrive.",
        new SyntheticParameters
        {
            Vcpus = 1,
            MemoryTasks = 2,
            Pages = 1_000,
            Think = Distribution.Uniform(20 * Durations.Microsecond, 40 * Durations.Microsecond),
            Fetch = Distribution.ShiftedExponential(40 * Durations.Microsecond, 20 * Durations.Microsecond, 400 * Durations.Microsecond),
            PrefetchDepth = 8,
            PrefetchInterval = Distribution.Uniform(20 * Durations.Microsecond, 40 * Durations.Microsecond),
            IoThreads = 2,
        });
}
