using UapiLab.Cli.Ci;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Commands;

/// <summary><c>run</c>: one run of a comparison, event by event.</summary>
internal sealed class RunCommand : ExampleCommand
{
    public RunCommand(Terminal terminal, PluginHost plugins)
        : base(
            "run",
            "Runs one encoding on one workload, and tells what happens event by event.",
            "run single-bit all-sync --html run.html",
            "run single-bit all-sync --write-trace run.trace",
            "run async-hint mixed:pages=50 --policy reenter --perfetto run.json") =>
        Runs(plugins, (args, _) => new RunRequest(args), (request, lab, cancellation) =>
            Run(terminal, lab, request, cancellation));

    private static int Run(Terminal terminal, LabCatalog lab, RunRequest request, CancellationToken cancellation)
    {
        request.Pages.Try();
        var file = CiFile.Of("--write-trace", request.Trace, CiFile.TraceMark);
        var encoding = lab.Encodings.Resolve(request.Encoding);
        var workload = lab.Workloads.Plan(request.Workload, request.Policy).Base;
        try
        {
            var seed = SeedList.Derive(request.Seed, 1)[0];
            var (history, result) = SimulatedHistory.Of(
                encoding, workload, request.Host.Costs, seed, cancellation);
            if (!request.Quiet)
            {
                Write(terminal, history.Property, history.Outcome, history.Steps.Select(s => s.Events[0]));
            }

            if (file is not null)
            {
                var lines = new StringWriter();
                lines.Write(CiFile.TraceMark + "a simulated run\n");
                SimulatedTrace.Write(lines, encoding, workload, request.Host.Costs, seed, cancellation);
                file.Write(lines.ToString());
            }

            return request.Pages.Write(terminal.Error, [history],
                result.HasViolation ? ExitCode.Violation : ExitCode.Fine);
        }
        catch (EncodingDefectException e)
        {
            terminal.Error.WriteLine(
                $"uapilab: {encoding.Description.FullName}: breaks the contract: {DefectText.Of(e)}");
            return ExitCode.Violation;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("uapilab: interrupted: the run has no result");
            return ExitCode.Undecided;
        }
    }

    /// <summary>The outcome, and how often each kind of event occurred among those that are told.</summary>
    private static void Write(Terminal terminal, string title, string outcome, IEnumerable<string> events)
    {
        foreach (var line in Harness.Foundation.Text.WordWrap.Fill($"{title}: {outcome}", terminal.Width).Append(""))
        {
            terminal.Out.WriteLine(line);
        }

        foreach (var kind in events.CountBy(e => e.Split(' ')[0]).OrderByDescending(k => k.Value)
            .ThenBy(k => k.Key, StringComparer.Ordinal))
        {
            terminal.Out.WriteLine(Invariant($"{kind.Value,8}  {kind.Key}"));
        }
    }
}

/// <summary>The arguments of <c>run</c>.</summary>
internal sealed class RunRequest(Arguments args)
{
    public string Encoding { get; } = args.Word("ENCODING", "The encoding.");

    public string Workload { get; } = args.Word("WORKLOAD", "The workload (uapilab list).");

    public HostProfile Host { get; } = RunOptions.Host(args);

    public VmmPolicy? Policy { get; } = RunOptions.Policy(args);

    public ulong Seed { get; } = args.Number<ulong>(
        "--seed", "N", "Root of all random choices; the run is the first repetition of compare with it.", 1);

    public HistoryOutputs Pages { get; } = new(args);

    public string? Trace { get; } = args.Output(
        "--write-trace", "FILE", "Write the trace that a host would have recorded of it, for conform.");

    public bool Quiet { get; } = args.Quiet();
}
