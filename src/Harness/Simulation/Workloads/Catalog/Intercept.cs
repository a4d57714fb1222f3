using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Simulation.Workloads.Catalog;

/// <summary><c>intercept</c>: some frames fault for a purpose that is not paging.</summary>
/// <remarks>Concern C3: write tracking or introspection marks pages whose content is there, and KVM cannot tell. Three
/// frames in ten are such, the others are fetched as in <c>mixed</c>. 3 us is a look at the access and a note of it.
/// More writes than elsewhere, since tracking writes is the usual purpose.</remarks>
internal static class Intercept
{
    public static WorkloadFamily Family { get; } = new(
        "intercept",
        "Three frames in ten fault for another purpose (write tracking, introspection), their content is there.",
        new SyntheticParameters
        {
            Vcpus = 2,
            MemoryTasks = 4,
            Pages = 250,
            Think = Distribution.Exponential(10 * Durations.Microsecond, 100 * Durations.Microsecond),
            InterceptPermille = 300,
            InterceptWork = Distribution.Constant(3 * Durations.Microsecond),
            Fetch = Distribution.ShiftedExponential(80 * Durations.Microsecond, 20 * Durations.Microsecond,
                400 * Durations.Microsecond),
            WritePermille = 800,
            IoThreads = 2,
        });
}
