using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>post-copy</c>: the destination of a post-copy migration.</summary>
/// <remarks>About 30 us for a demand fetch over the network is the figure in the cover letter of the KVM Userfault
/// series; 0.328 us per page are a link of 100 Gbit/s. Beside the demand fetches the source pushes all pages in a
/// background stream, one every 3 us. Which pages are under way when the guest asks for them follows from that stream
/// and is not set as a share. A source that goes on after the page it was last asked for sends mostly what some task
/// needs soon, hence seven in ten in the tasks' order and the others anywhere. Eight vCPUs keep a run short;
/// <c>vcpus</c> goes far beyond.</remarks>
internal static class PostCopy
{
    public static WorkloadFamily Family { get; } = new(
        "post-copy",
        "Destination of a post-copy migration: 30 us per demand fetch, many vCPUs, a background stream.",
        new SyntheticParameters
        {
            Vcpus = 8,
            MemoryTasks = 2,
            Pages = 200,
            Think = Distribution.Exponential(10 * Durations.Microsecond, 100 * Durations.Microsecond),
            Fetch = Distribution.ShiftedExponential(25 * Durations.Microsecond, 5 * Durations.Microsecond,
                100 * Durations.Microsecond),
            ServiceNs = 328,
            PrefetchDepth = 16,
            PrefetchInterval = Distribution.Constant(3 * Durations.Microsecond),
            PrefetchAccuracyPermille = 700,
            IoThreads = 4,
        });
}
