using System.Runtime.ExceptionServices;
using System.Text;
using UapiLab.Cli.Ci;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Conformance.Scenarios;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Cli.Conform;

/// <summary>Holds traces to the machine, one after the other, and tells what became of each.</summary>
internal static class ConformJob
{
    public static int Run(Terminal terminal, EncodingRegistry registry, ConformRequest request,
        CancellationToken cancellation)
    {
        request.Check();
        if (request.Traces.Count == 0)
        {
            throw new InputException("conform", "expected a trace");
        }

        var options = new ConformOptions
        {
            Encoding = request.Encoding is { } spec ? registry.Resolve(spec) : null,
            ClockToleranceNs = request.ToleranceNs,
            Tells = request.Pages.IsAsked,
            Progress = terminal.Progress is { } line ? new EventProgress(line) : null,
        };
        request.Pages.Try();
        CiFile.Of("--reduce", request.Reduce, CiFile.TraceMark);
        var reports = new List<(ConformReport Report, ScenarioComparison? Comparison)>();
        Exception? ended = null;
        InputException? unwritten = null;
        foreach (var trace in request.Traces)
        {
            try
            {
                using var file = TraceFile.Open(trace, cancellation);
                var ofFile = request.Encoding is not null ? options
                    : options with { Encoding = Announced(file, registry, cancellation) };
                var report = TraceConformance.CheckOpened(file, ofFile, cancellation);
                var comparison = !request.Predict ? null : ScenarioPrediction.Run(file, report,
                    ofFile.Encoding ?? registry.Resolve(RecordedKernel.Stock));
                reports.Add((report, comparison));
                unwritten ??= Tell(terminal, request, ofFile, file, report, comparison);
            }
            catch (Exception e) when (e is TraceFormatException or OperationCanceledException)
            {
                // What was said of the traces before it is worth printing.
                ended = e;
                break;
            }
        }

        if (request.Coverage && !request.Json)
        {
            CoverageTable.Write(terminal.Out, [.. reports.Select(r => r.Report)]);
        }

        if (request.Json)
        {
            terminal.Out.Write(ConformJson.Write(reports));
        }

        if ((ended ?? unwritten) is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        var exit = reports.Exists(r => r.Report.Verdict == ConformVerdict.Rejected) ? ExitCode.Violation
            : reports.Exists(r => r.Report.Verdict == ConformVerdict.NotDecided) ? ExitCode.Undecided
            : ExitCode.Fine;
        return request.Pages.Write(terminal.Error, [.. reports.Select(r => ConformHistory.Of(r.Report))], exit);
    }

    /// <summary>The userfault interface that the trace itself says its kernel has.</summary>
    private static Abstractions.Encoding? Announced(TraceFile file, EncodingRegistry registry,
        CancellationToken cancellation)
    {
        if (RecordedKernel.EncodingOf(TraceConformance.BeginOf(file, cancellation)) is not { } spec)
        {
            return null;
        }

        try
        {
            return registry.Resolve(spec);
        }
        catch (InputException e)
        {
            throw new InputException(file.Name, "expected --encoding, or a BEGIN marker with an encoding of this lab: "
                + e.Message);
        }
    }

    /// <returns>Why the reduced trace could not be written; null if it could.</returns>
    private static InputException? Tell(Terminal terminal, ConformRequest request, ConformOptions options,
        TraceFile trace, ConformReport report, ScenarioComparison? comparison)
    {
        if (!request.Quiet && !request.Json)
        {
            ConformText.Write(terminal.Out, report, request.Diagnose, isOnly: request.Traces.Count == 1);
        }

        if (comparison is not null && !request.Quiet && !request.Json)
        {
            PredictionTable.Write(terminal.Out, comparison);
        }

        if (request.Reduce is not { } file || report.Rejection is not { } rejection)
        {
            return null;
        }

        try
        {
            var lines = TraceReducer.Reduce(trace, options with { Progress = null }, rejection);
            // Lines of a recording stay what they are, byte by byte.
            var mark = CiFile.TraceMark + "a part of a rejected trace";
            var bytes = Encoding.Latin1.GetBytes(string.Join('\n', lines.Prepend(mark)) + "\n");
            OutputFile.Write(file, to => to.Write(bytes));
            terminal.Error.WriteLine(
                Invariant($"uapilab: {file}: {lines.Count} lines that are rejected for the same reason"));
            return null;
        }
        catch (InputException e)
        {
            return e;
        }
    }

    /// <summary>Events so far, on one line of a terminal.</summary>
    private sealed class EventProgress(TextWriter error) : IProgress<long>
    {
        public void Report(long value) => error.Write(Invariant($"\r{value} events"));
    }
}
