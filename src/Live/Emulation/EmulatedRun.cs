using UapiLab.Abstractions;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Live.Emulation;

/// <summary>The halves of an encoding on threads of this process, with KVM emulated in userspace.</summary>
/// <param name="Result">The metrics of a simulation, in real time.</param>
/// <param name="WaitedNs">How long its threads together could have run and had no core.</param>
/// <param name="Foreign">Touches that found something else in a page than the VMM had placed.</param>
/// <param name="Stuck">Who waits for what will not come; null if every task ended.</param>
internal sealed record EmulatedRun(RunResult Result, double WaitedNs, long Foreign, string? Stuck)
{
    /// <summary>Runs it.</summary>
    public static EmulatedRun Of(Encoding encoding, Workload workload, CancellationToken cancellation)
    {
        using var machine = new ThreadedMachine(encoding, workload, seed: 1);
        return machine.Run(cancellation);
    }
}
