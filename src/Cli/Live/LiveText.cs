using System.Text;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>What <c>live</c> prints: the answer, and measured beside simulated.</summary>
internal static class LiveText
{
    /// <summary>Of the elapsed time of one thread and its reader, each on a core of its own.</summary>
    private const double Busy = 0.1;

    private static readonly (string Name, Func<LiveFigures, double> Value, Func<double, string> Text)[] s_metrics =
    [
        ("elapsed", f => f.ElapsedNs, Time),
        ("faults", f => f.Faults, n => Invariant($"{n:0}")),
        ("latency p50", f => f.LatencyP50Ns, Time),
        ("latency p90", f => f.LatencyP90Ns, Time),
        ("no core for", f => f.WaitedNs, Time),
    ];

    public static string Write(Host host, IReadOnlyList<LiveRow> rows, int width)
    {
        var text = new StringBuilder();
        void Add(string line) => text.Append(line).Append('\n');
        foreach (var line in WordWrap.Fill(string.Join(' ', Sentences(host, rows)), width).Append(""))
        {
            Add(line);
        }

        Add($"{"threads",7}  {"metric",-12} {"measured",10} {"simulated",10} {"ratio",6}");
        foreach (var row in rows)
        {
            foreach (var (name, value, write) in s_metrics)
            {
                Add($"{row.Threads,7}  {name,-12} {write(value(row.Measured)),10} {write(value(row.Simulated)),10} "
                    + $"{Ratio(row, value),6}");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Sentences(Host host, IReadOnlyList<LiveRow> rows)
    {
        string Touch(LiveRow row) => Ratio(row, f => f.LatencyP50Ns);
        yield return $"The median touch of a page over userfaultfd takes {Touch(rows[0])} times what the simulator "
            + "predicts with one thread" + string.Concat(rows.Skip(1).Select(r => $", {Touch(r)} with {r.Threads}"))
            + $", on {host.Text}.";
        if (rows[0].Measured is var one && one.WaitedNs > one.ElapsedNs * Busy)
        {
            yield return "The machine is busy: threads have no core for more than a tenth of the elapsed time.";
        }

        var cores = host.Cpus.Cores.Count;
        if (rows.Where(r => r.Threads >= cores).Select(r => r.Threads).ToArray() is [_, ..] more)
        {
            yield return Invariant($"There are {cores} cores: with {string.Join(" and ", more)} threads some share a ")
                + "core, and the model has one for each.";
        }
    }

    private static string Ratio(LiveRow row, Func<LiveFigures, double> value) =>
        value(row.Simulated) == 0 ? "-" : Invariant($"{value(row.Measured) / value(row.Simulated):0.00}");

    private static string Time(double ns) => Durations.Format((long)ns);
}
