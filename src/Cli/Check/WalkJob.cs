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
    /// <param name="shards">The part that is to be done, or what was done of all; null: there are no shards.</param>
    /// <param name="folder">Where the history goes.</param>
    /// <param name="walked">Gets what came of it.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <returns>Violation, or undecided: walks decide nothing.</returns>
    public static int Run(Terminal terminal, Encoding encoding, CheckInstance instance, WalkOptions options,
        CheckRequest request, WalkUnits? shards, OutputFolder folder, List<Walked> walked,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var time = request.TimeSeconds;
        bool Stop() =>
            Beating() || cancellation.IsCancellationRequested || (time > 0 && clock.Elapsed.TotalSeconds > time);

        if (shards is { IsPart: true })
        {
            shards.Do(encoding, instance, options, Stop);
            cancellation.ThrowIfCancellationRequested();
            return ExitCode.Fine;
        }

        var (result, history) = shards is null ? Checker.Walk(encoding, instance, options, Stop)
            : Checker.WalkOf(encoding, instance, options, shards.Known(encoding, instance));

        bool Beating()
        {
            request.Heartbeat($"walking {encoding.Description.FullName} on {instance.Name}");
            return false;
        }

        walked.Add(new(encoding.Description.FullName, instance, options, result, history));
        var files = HistoryFiles.Write(folder, encoding.Description.FullName, instance,
            history is null ? [] : [history]);
        var seconds = Math.Max(clock.Elapsed.TotalSeconds, 0.001);
        if (!request.Quiet && !request.Json)
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
            foreach (var file in files)
            {
                terminal.Out.WriteLine("  history     " + file);
            }

            if (history is not null)
            {
                terminal.Out.WriteLine();
                terminal.Out.Write(HistoryText.Write(history));
            }
        }

        return history is null ? ExitCode.Undecided : ExitCode.Violation;
    }
}

/// <summary>What came of random schedules.</summary>
/// <param name="Encoding">Its full name.</param>
/// <param name="Instance">On which machine.</param>
/// <param name="Options">How many, how long.</param>
/// <param name="Result">How many were taken.</param>
/// <param name="History">Of the first run that breaks something; null if none does.</param>
internal sealed record Walked(string Encoding, CheckInstance Instance, WalkOptions Options, WalkResult Result,
    History? History);
