using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Live.Emulation;

/// <summary>The halves of an encoding on threads of this process, with KVM emulated in userspace.</summary>
/// <param name="Result">The metrics of a simulation, in real time.</param>
/// <param name="WaitedNs">How long its threads together could have run and had no core.</param>
/// <param name="Wrong">What should not have happened, as a predicate; null if nothing did.</param>
internal sealed record EmulatedRun(RunResult Result, double WaitedNs, string? Wrong)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract.</exception>
    public static EmulatedRun Of(Encoding encoding, Workload workload, CancellationToken cancellation)
    {
        using var machine = new ThreadedMachine(encoding, workload, seed: 1);
        var (result, waitedNs, stuck) = machine.Run(cancellation);
        return new(result, waitedNs, stuck is not null ? $"loses a wake-up: {stuck}"
            : machine.Foreign > 0 ? Invariant($"has the guest read {machine.Foreign} pages that nobody had placed")
            : result.HasViolation ? "breaks a rule: " + string.Join(", ",
                result.Violations.Index().Where(v => v.Item != 0).Select(v => (ViolationKind)v.Index))
            : null);
    }
}
