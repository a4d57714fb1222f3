using UapiLab.Harness.Determinism;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Workloads;

/// <summary>What a trace does not say about the machine it is replayed on.</summary>
public sealed record TraceWorkloadOptions
{
    /// <summary>Tasks per vCPU that only compute, 0 to 1000. Each computes for as long as the trace of its vCPU thinks in
    /// all, so that a page that waits leaves as much to do as the traced program itself has.</summary>
    public int Background { get; init; } = 1;

    /// <summary>A fetch from its start, for frames whose trace gives no arrival time.</summary>
    public Distribution Fetch { get; init; } = Distribution.Constant(30_000);

    /// <summary>Frames for which the VMM predicts right, per mille, 0 to 1000.</summary>
    public uint PredictPermille { get; init; } = 1_000;

    /// <summary>VMM policy.</summary>
    public VmmPolicy Policy { get; init; } = new(PolicyKind.WaitThenHandOff, 10_000);

    /// <summary>I/O threads, 1 to 1000.</summary>
    public int IoThreads { get; init; } = 1;
}
