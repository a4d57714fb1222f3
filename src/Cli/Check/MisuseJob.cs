using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Misuse;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Cli.Check;

/// <summary>Asks which mistakes of a VMM an encoding punishes. Its answers are findings, like those about knowledge:
/// the exit code says whether the careful VMM breaks something, or a bound ended a search.</summary>
internal static class MisuseJob
{
    /// <param name="terminal">Where it is told.</param>
    /// <param name="encoding">Whose VMM errs.</param>
    /// <param name="beside">What the same mistakes do without the encoding.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null if the encoding breaks the contract.</returns>
    public static (MisuseReport Report, TimeSpan Elapsed)? Run(Terminal terminal, Encoding encoding,
        Lazy<MisuseReport> beside, CheckRequest request, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        MisuseReport report;
        try
        {
            report = Analysed(terminal, encoding, request, cancellation);
            report = report.Stopped is null ? report with { Beside = beside.Value } : report;
        }
        catch (EncodingDefectException e)
        {
            terminal.Error.WriteLine(
                $"uapilab: {encoding.Description.FullName}: breaks the contract: {Cli.Plugins.DefectText.Of(e)}");
            return null;
        }

        if (!request.Json && !request.Quiet)
        {
            MisuseText.Write(terminal.Out, report, clock.Elapsed);
        }

        return (report, clock.Elapsed);
    }

    /// <summary>The report of one encoding.</summary>
    public static MisuseReport Analysed(Terminal terminal, Encoding encoding, CheckRequest request,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var progress = request.Quiet || terminal.Progress is not { } shows ? null : new ProgressLine(shows);
        try
        {
            return MisuseAnalysis.Run(encoding, request.Threads, Stop, (done, all) => progress?.Show(() => Invariant(
                $"{encoding.Description.FullName}: {done} of {all} mistakes, {clock.Elapsed.TotalSeconds:F0} s")));
        }
        finally
        {
            progress?.Clear();
        }

        string? Stop()
        {
            request.Heartbeat($"trying mistakes with {encoding.Description.FullName}");
            return cancellation.IsCancellationRequested ? "interrupted"
                : request.TimeSeconds > 0 && clock.Elapsed.TotalSeconds > request.TimeSeconds
                    ? Invariant($"time: {request.TimeSeconds} s") : null;
        }
    }

    /// <summary>The exit code that a report makes.</summary>
    public static int ExitOf(MisuseReport report) =>
        report.Controls.Any(c => c.Broken.Count > 0) ? ExitCode.Violation
            : report.IsUndecided ? ExitCode.Undecided : ExitCode.Fine;
}
