using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cli.Check;

/// <summary>Random schedules of one encoding on one instance.</summary>
internal static class WalkJob
{
    /// <param name="terminal">Where results are printed.</param>
    /// <param name="encoding">What runs.</param>
    /// <param name="instance">On which machine.</param>
    /// <param name="options">How many runs, how long.</param>
    /// <param name="request">The command line.</param>
    /// <param name="histories">Gets that of the first run that breaks something.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <returns>Violation, or undecided: walks decide nothing.</returns>
    public static int Run(Terminal terminal, Encoding encoding, CheckInstance instance, WalkOptions options,
        CheckRequest request, List<History> histories, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var time = request.TimeSeconds;
        var (result, history) = Checker.Walk(encoding, instance, options,
            () => Beating() || cancellation.IsCancellationRequested || (time > 0 && clock.Elapsed.TotalSeconds > time));

        bool Beating()
        {
            request.Heartbeat($"walking {encoding.Description.FullName} on {instance.Name}", null);
            return false;
        }

        if (history is not null)
        {
            histories.Add(history);
        }

        var seconds = Math.Max(clock.Elapsed.TotalSeconds, 0.001);
        if (!request.Quiet)
        {
            terminal.Out.WriteLine($"{encoding.Description.FullName} on {instance.Name}, {(options.ChangePoints < 0
                ? "uniform schedules" : Invariant($"PCT with {options.ChangePoints} change points"))}, "
                + $"seed {options.Seed}");
            terminal.Out.WriteLine(Invariant(
                $"  walked      {result.Runs:N0} of {options.Runs:N0} runs, {result.Steps:N0} steps, {seconds:F1} s, ")
                    + Invariant($"{result.Runs / seconds:N0} runs/s"));
            terminal.Out.WriteLine(history is null
                ? "  nothing is broken in these runs, and nothing is decided"
                : Invariant($"  {history.Property} BROKEN in run {result.FirstBroken}, step {result.BrokenAt + 1}"));
            if (history is not null)
            {
                terminal.Out.WriteLine();
                terminal.Out.Write(HistoryText.Write(history));
            }
        }

        return history is null ? ExitCode.Undecided : ExitCode.Violation;
    }
}
