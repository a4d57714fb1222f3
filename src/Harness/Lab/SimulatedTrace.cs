using UapiLab.Abstractions;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab;

/// <summary>A run of the simulator as the trace that a host would have recorded of it.</summary>
public static class SimulatedTrace
{
    /// <summary>A recorder that waits for a guest that stands still gives up so much later.</summary>
    private const long PatienceNs = 10_000_000_000;

    /// <summary>Runs once.</summary>
    /// <param name="to">Receives the lines.</param>
    /// <param name="encoding">The encoding.</param>
    /// <param name="workload">What the guest does, and the VMM's policy.</param>
    /// <param name="costs">The prices.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Machines.Execution.EncodingDefectException">The encoding breaks the contract.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static RunResult Write(TextWriter to, Encoding encoding, Workload workload, CostTable costs, ulong seed,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(encoding);
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(costs);
        var writer = new KvmTraceWriter(to);
        using var simulator = new Simulator(encoding, workload, costs, seed)
        {
            Observer = writer,
            Cancellation = cancellation,
        };
        writer.Begin(simulator.Machine, workload.Name.Split(' ', ':')[0]);
        var result = simulator.Run();
        writer.End(simulator.Machine.LiveVcpus > 0 ? PatienceNs : 0);
        return result;
    }
}
