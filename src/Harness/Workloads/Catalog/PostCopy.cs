using UapiLab.Harness.Determinism;

namespace UapiLab.Harness.Workloads.Catalog;

/// <summary><c>post-copy</c>: the destination of a post-copy migration.</summary>
/// <remarks>About 30 us for a demand fetch over the network is the figure in the cover letter of the KVM Userfault series.
/// The source also pushes all other pages in a background stream; which pages are under way when the guest asks for them
/// follows from the stream and is not set as a share. The stream runs in address order, knows nothing of the guest's, and
/// yields to demand requests, so that only one in five of its pages is one that the guest needs next. A request every
/// 10 us is 3.3 Gbit/s of stream, and 3 us per page are a link of about 10 Gbit/s for both. 128 frames per task make a
/// run of a few thousand faults at the default size; time per fault, not the length of the run, is what is compared.</remarks>
internal static class PostCopy
{
    public static WorkloadFamily Family { get; } = new(
        "post-copy",
        "Destination of a post-copy migration: 30 us per demand fetch, many vCPUs, a background stream.",
        new SyntheticParameters
        {
            Vcpus = 8,
            MemoryTasks = 4,
            Pages = 100,
            Think = Distribution.Exponential(10 * Durations.Microsecond, 100 * Durations.Microsecond),
            Fetch = Distribution.ShiftedExponential(25 * Durations.Microsecond, 5 * Durations.Microsecond, 100 * Durations.Microsecond),
            ServiceNs = 3 * Durations.Microsecond,
            PrefetchDepth = 16,
            PrefetchInterval = Distribution.Constant(10 * Durations.Microsecond),
            PrefetchAccuracyPermille = 200,
            IoThreads = 4,
        });
}
