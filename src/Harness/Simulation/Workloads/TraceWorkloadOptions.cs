using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;
using static UapiLab.Harness.Simulation.Workloads.ParameterOption<
    UapiLab.Harness.Simulation.Workloads.TraceWorkloadOptions>;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>What a trace does not say about the machine it is replayed on.</summary>
public sealed record TraceWorkloadOptions
{
    /// <summary>Tasks per vCPU that only compute, 0 to 1000. Each computes for as long as the trace of its vCPU thinks
    /// in all, so that a page that waits leaves as much to do as the traced program itself has.</summary>
    public int Background { get; init; } = 1;

    /// <summary>A fetch from its start, for frames whose trace gives no arrival time.</summary>
    public Distribution Fetch { get; init; } = Distribution.Constant(30_000);

    /// <summary>Frames for which the VMM predicts right, per mille, 0 to 1000.</summary>
    public uint PredictPermille { get; init; } = 1_000;

    /// <summary>VMM policy.</summary>
    public VmmPolicy Policy { get; init; } = new(PolicyKind.WaitThenHandOff, 10_000);

    /// <summary>I/O threads, 1 to 1000.</summary>
    public int IoThreads { get; init; } = 1;

    /// <summary>Every option with its default, for help texts.</summary>
    public static IReadOnlyList<WorkloadOption> Documented { get; } =
        All.Select(o => new WorkloadOption(o.Name, o.Write(new()), o.Doc)).ToArray();

    private static IReadOnlyList<ParameterOption<TraceWorkloadOptions>> All =>
    [
        Count("background", "Tasks per vCPU that only compute, each as long as the vCPU's trace thinks.", 0, 1_000,
            o => o.Background, (o, n) => o with { Background = (int)n }),
        Spread("fetch", "A fetch, for pages whose arrival the trace does not tell.", o => o.Fetch,
            (o, d) => o with { Fetch = d }),
        Share("predict", "Share of frames for which the VMM predicts right.", o => o.PredictPermille,
            (o, n) => o with { PredictPermille = n }),
        Count("io", "I/O threads.", 1, 1_000, o => o.IoThreads, (o, n) => o with { IoThreads = (int)n }),
        new("policy", $"What the VMM does with a fault: {PolicyText.Form}.", o => o.Policy.ToString(),
            (o, text) => o with { Policy = text.Policy() }),
    ];

    /// <summary>Reads <c>option=value,option=value</c>; the empty text is all defaults.</summary>
    /// <exception cref="InputException">An option is unknown, or a value is malformed or out of range.</exception>
    public static TraceWorkloadOptions Parse(string text) =>
        Apply(All, "trace", text, new(), text.Length == 0 ? [] : SpecText.Parse("trace:" + text).Options);

    internal IReadOnlyList<KeyValuePair<string,
        string>> Changed() => ParameterOption<TraceWorkloadOptions>.Changed(All, new(), this);
}
