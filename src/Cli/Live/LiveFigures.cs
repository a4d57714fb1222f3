using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>What is compared: values of the metrics of a subject, null where a side does not know one.</summary>
internal sealed record LiveFigures(IReadOnlyList<double?> Values)
{
    /// <summary>What they are medians of; empty: one run.</summary>
    public IReadOnlyList<LiveFigures> Runs { get; private init; } = [];

    public static LiveFigures Medians(IReadOnlyList<LiveFigures> runs) =>
        new([.. runs[0].Values.Select((value, i) => value is null ? value
            : Timing.At(runs.Select(r => r.Values[i]!.Value), 0.5))])
        { Runs = runs };

    /// <summary>The first run that differs; null if none does.</summary>
    public double? Other(int metric, double than) => Runs.Append(this).Select(r => r.Values[metric])
        .FirstOrDefault(value => value is { } v && Math.Abs(v - than) >= 0.5);
}

/// <summary>A metric of a live run.</summary>
/// <param name="Name">As tables show it.</param>
/// <param name="IsTime">Whether it is in ns.</param>
/// <param name="IsDetermined">Whether the protocol determines it, whatever the timing.</param>
internal sealed record LiveMetric(string Name, bool IsTime = true, bool IsDetermined = false);

/// <summary>One thing that a subject runs.</summary>
/// <param name="Encoding">What.</param>
/// <param name="Label">As a table shows it.</param>
/// <param name="Threads">Threads that fault, or tasks of the guest.</param>
/// <param name="FetchNs">What a page takes to come.</param>
/// <param name="Vcpus">vCPUs that the threads or tasks are of; 0 where there are none.</param>
/// <param name="IsShared">Whether they all touch the same pages.</param>
internal sealed record LiveCase(
    string Encoding, string Label, int Threads, long FetchNs, int Vcpus = 0, bool IsShared = false);

/// <summary>A case, and the two sides of it.</summary>
/// <param name="What">Which.</param>
/// <param name="Metrics">What is compared.</param>
/// <param name="Measured">Null where nothing was.</param>
/// <param name="Simulated">What the simulator says.</param>
internal sealed record LiveRow(
    LiveCase What, IReadOnlyList<LiveMetric> Metrics, LiveFigures? Measured, LiveFigures Simulated)
{
    /// <summary>Metrics that the protocol determines, and whose two sides are not equal in every run.</summary>
    public IEnumerable<int> Differing => Enumerable.Range(0, Metrics.Count).Where(i => Differs(i) is not null);

    /// <summary>A run's value of such a metric; null if it is the simulator's.</summary>
    public double? Differs(int metric) => Metrics[metric].IsDetermined && Simulated.Values[metric] is { } simulated
        ? Measured?.Other(metric, simulated) : null;

    /// <summary>Measured over simulated; null where a side is not there, or the simulated one is 0.</summary>
    public double? Ratio(int metric) => Measured?.Values[metric] is { } measured
        && Simulated.Values[metric] is { } simulated and not 0 ? measured / simulated : null;
}

/// <summary>The encoding failed where it should not have: what it did, in one line.</summary>
internal sealed class LiveFailedException(string what) : Exception(what);
