using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>mixed-threads</c>: the pair of the Async PF user RFC, on one vCPU.</summary>
/// <remarks>The RFC gives the 10 ms per fault, not how much there was to compute while a page was away, and that
/// decides the gain: a ratio m of computing to waiting can gain at most a factor of (1 + m) / max(1, m). The neutral
/// choice is m = 1, the most favourable one too; the RFC's 26 % is the bound of m = 0.26 and of m = 3.85, where the two
/// overlap fully: no run confirms it. Two microseconds between faults make the one task memory-bound.</remarks>
internal static class MixedThreads
{
    public static WorkloadFamily Family { get; } = new(
        "mixed-threads",
        "One vCPU, a CPU-bound and a memory-bound task, 10 ms per fault (the pair of the Async PF user RFC).",
        new SyntheticParameters
        {
            CpuTasks = 1,
            MixPermille = 1_000,
            Pages = 200,
            Think = Distribution.Constant(2 * Durations.Microsecond),
            Fetch = Distribution.Constant(10 * Durations.Millisecond),
        });
}
