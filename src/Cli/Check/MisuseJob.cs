using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Misuse;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Cli.Check;

/// <summary>Asks which mistakes of a VMM an encoding punishes. Its answers are findings, like those about knowledge:
/// the exit code says whether the careful VMM breaks something, or a bound ended a search.</summary>
internal static class MisuseJob
{
    /// <returns>Null if the encoding breaks the contract.</returns>
    public static (MisuseReport Report, TimeSpan Elapsed)? Run(Terminal terminal, Encoding encoding,
        CheckRequest request, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var progress = request.Quiet || terminal.Progress is not { } shows ? null : new ProgressLine(shows);
        MisuseReport report;
        try
        {
            report = MisuseAnalysis.Run(encoding, request.Threads, Stop, (done, all) => progress?.Show(() => Invariant(
                $"{encoding.Description.FullName}: {done} of {all} mistakes, {clock.Elapsed.TotalSeconds:F0} s")));
        }
        catch (EncodingDefectException e)
        {
            terminal.Error.WriteLine(
                $"uapilab: {encoding.Description.FullName}: breaks the contract: {Cli.Plugins.DefectText.Of(e)}");
            return null;
        }

        progress?.Clear();
        if (!request.Json && !request.Quiet)
        {
            MisuseText.Write(terminal.Out, report, clock.Elapsed);
        }

        return (report, clock.Elapsed);

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
