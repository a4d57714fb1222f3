using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>all-sync</c>: the VMM has every page at hand and resolves on the vCPU thread before it
/// re-enters.</summary>
/// <remarks>Concerns C1 and C2: every not-present that is injected here is wasted, since the guest gets it back to back
/// with its page-ready. Two tasks per vCPU, so that the guest does have something to switch to for nothing.</remarks>
internal static class AllSync
{
    public static WorkloadFamily Family { get; } = new(
        "all-sync",
        "Every page is local and resolved before re-entry: each page-not-present is wasted.",
        new SyntheticParameters
        {
            Vcpus = 2,
            MemoryTasks = 2,
            Pages = 500,
            Think = Distribution.Constant(5 * Durations.Microsecond),
            SyncPermille = 1_000,
            Local = Distribution.Constant(2 * Durations.Microsecond),
            Fetch = Distribution.Constant(100 * Durations.Microsecond),
            Policy = new VmmPolicy(PolicyKind.ResolveThenReenter),
        });
}
