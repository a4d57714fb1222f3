using UapiLab.Cli.Ci;
using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Conform;

/// <summary><c>conform</c>: is there a run of the machine that emits what a real KVM was recorded emitting?</summary>
internal sealed class ConformCommand : ExampleCommand
{
    public ConformCommand(Terminal terminal, EncodingRegistry registry)
        : base(
            "conform",
            "Holds the machine to traces of a real KVM: accepted, or the first event it cannot explain.",
            "conform host.trace",
            "conform host.trace --json",
            "conform host.trace --diagnose",
            "conform host.trace --html host.html",
            "conform *.trace.gz --coverage",
            "conform host.trace --reduce short.trace",
            "conform uf.trace.gz --encoding single-bit:apf=off") =>
        Runs(
            args => new ConformRequest(args, registry),
            (request, cancellation) => ConformJob.Run(terminal, registry, request, cancellation));
}

/// <summary>The arguments of <c>conform</c>.</summary>
internal sealed class ConformRequest(Arguments args, EncodingRegistry registry)
{
    private const long NsPerMicrosecond = 1_000;

    public IReadOnlyList<string> Traces { get; } = args.Words(
        "TRACE", "KVM events as text: ftrace, trace-cmd report or perf script, gzip or not.");

    public string? Encoding { get; } = args.Text(
        "--encoding",
        "ENCODING",
        "Userfault interface of the recorded kernel. Default: what a BEGIN marker says, or none, a stock kernel.",
        registry.Families.Select(f => f.Id));

    public long ToleranceNs { get; } = NsPerMicrosecond * args.Number<long>(
        "--clock-tolerance", "US", "How far the clocks of two CPUs may differ, us.", 20, 0, 1_000_000);

    public string? Reduce { get; } = args.Output(
        "--reduce", "FILE", "Write the part of a rejected trace that matters.");

    public bool Predict { get; } = args.Flag(
        "--predict", "Simulate the scenario of the BEGIN marker, and put its numbers beside the recorded ones.");

    public bool Diagnose { get; } = args.Flag(
        "--diagnose", "Say who waits for what at the end, since when, and what would end it.");

    public bool Coverage { get; } = args.Flag("--coverage", "Print which traces come to which rule.");

    public HistoryOutputs Pages { get; } = new(args, takesPlugins: false);

    public bool Json { get; } = args.Flag("--json", "Print the verdicts as JSON.");

    public bool Quiet { get; } = args.Quiet();

    /// <summary>What would be dropped is refused.</summary>
    public void Check()
    {
        args.Excludes("--json", "expected one of them: the table is text", "--coverage");
        if (Reduce is not null && Traces.Count > 1)
        {
            throw new InputException("--reduce", "expected one trace with it: each would replace what is left of the "
                + "one before");
        }
    }
}
