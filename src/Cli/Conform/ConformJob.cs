using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Conform;

/// <summary>Holds traces to the machine, one after the other, and tells what became of each.</summary>
internal static class ConformJob
{
    /// <summary>What stands for a stock kernel's own APF in a simulation.</summary>
    private const string StockKernel = "kernel-apf";

    public static int Run(Terminal terminal, EncodingRegistry registry, ConformRequest request,
        CancellationToken cancellation)
    {
        if (request.Traces.Count == 0)
        {
            throw new InputException("conform", "expected a trace");
        }

        if (request.Predict && request.Json)
        {
            throw new InputException("--predict", "expected without --json: it is a table for people");
        }

        var options = new ConformOptions
        {
            Encoding = request.Encoding is { } spec ? registry.Resolve(spec) : null,
            ClockToleranceNs = request.ToleranceNs,
            Progress = terminal.ErrorIsTerminal ? new EventProgress(terminal.Error) : null,
        };
        var reports = new List<ConformReport>();
        foreach (var trace in request.Traces)
        {
            var report = TraceConformance.Check(trace, options, cancellation);
            reports.Add(report);
            if (!request.Quiet && !request.Json)
            {
                ConformText.Write(terminal.Out, report);
            }

            if (request.Predict && !request.Quiet)
            {
                PredictionTable.Write(terminal.Out, report, options.Encoding ?? registry.Resolve(StockKernel));
            }

            if (request.Reduce is { } file && report.Rejection is { } rejection)
            {
                WriteReduced(terminal, trace, options, rejection, file);
            }
        }

        if (request.Coverage && !request.Json)
        {
            CoverageTable.Write(terminal.Out, reports);
        }

        if (request.Json)
        {
            terminal.Out.Write(ConformJson.Write(reports));
        }

        return reports.Exists(r => r.Verdict == ConformVerdict.Rejected) ? ExitCode.Violation
            : reports.Exists(r => r.Verdict == ConformVerdict.NotDecided) ? ExitCode.Undecided
            : ExitCode.Fine;
    }

    private static void WriteReduced(Terminal terminal, string trace, ConformOptions options,
        ConformRejection rejection, string file)
    {
        try
        {
            var lines = TraceReducer.Reduce(trace, options with { Progress = null }, rejection, file);
            File.WriteAllText(file, string.Join('\n', lines) + "\n", System.Text.Encoding.Latin1);
            terminal.Error.WriteLine(
                Invariant($"uapilab: {file}: {lines.Count} lines that are rejected for the same reason"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(file, "expected a file that can be written: " + e.Message);
        }
    }

    /// <summary>Events so far, on one line of a terminal.</summary>
    private sealed class EventProgress(TextWriter error) : IProgress<long>
    {
        public void Report(long value) => error.Write(Invariant($"\r{value} events"));
    }
}
