using System.Diagnostics;
using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Bench;

/// <summary>How fast the lab itself is: simulator, checker, start of the program.</summary>
internal static class LabSpeed
{
    private const string Workload = "post-copy:vcpus=64,policy=wait(0ns)";
    private const long CheckedStates = 300_000;
    private const int MostRuns = 5;
    private const int MostStarts = 15;

    /// <summary>Finished lines of the report, as they come.</summary>
    /// <param name="encodings">Simulated and checked.</param>
    /// <param name="pairs">As asked for the words; few of them mean that a quick look is enough.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<Encoding> encodings, int pairs)
    {
        var runs = Math.Min(MostRuns, pairs);
        var starts = Math.Min(MostStarts, pairs);
        var states = Math.Min(CheckedStates, 20_000L * pairs);
        foreach (var encoding in encodings)
        {
            // Once for nothing: the first run is mostly compilation.
            Simulated(encoding, runs: 1);
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{encoding.Description.FullName,-28} simulator {Simulated(encoding, runs) / 1e6:F2} M steps/s "
                    + $"({Workload}); checker {Checked(encoding, states) / 1e3:F0} k states/s (instance full, one "
                    + $"thread)");
        }

        yield return string.Create(CultureInfo.InvariantCulture,
            $"{"uapilab list",-28} starts and ends in {ListMilliseconds(starts):F0} ms (median of {starts}; goal 150)");
    }

    private static double Simulated(Encoding encoding, int runs) => Median(runs, () =>
    {
        using var simulator = new Simulator(encoding, WorkloadCatalog.BuiltIn.Resolve(Workload), CostTable.Default,
            seed: 1);
        var clock = Stopwatch.GetTimestamp();
        var steps = simulator.Run().Steps;
        return steps / Stopwatch.GetElapsedTime(clock).TotalSeconds;
    });

    /// <summary>Of a large instance, cut short: the first states are looked at faster than the rest.</summary>
    private static double Checked(Encoding encoding, long states)
    {
        var clock = Stopwatch.GetTimestamp();
        var result = Checker.Run(encoding, CheckInstance.Full,
            new() { MaxStates = states, StopAtFirst = false }).Result;
        return result.States / Stopwatch.GetElapsedTime(clock).TotalSeconds;
    }

    private static double ListMilliseconds(int starts) => Median(starts, () =>
    {
        var clock = Stopwatch.GetTimestamp();
        var start = ThisProgram.Again("list");
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    });

    private static double Median(int runs, Func<double> measure) =>
        Pairs.Quantile(Enumerable.Range(0, runs).Select(_ => measure()).ToArray(), 0.5);
}
