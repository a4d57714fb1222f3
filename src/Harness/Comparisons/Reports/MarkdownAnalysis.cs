using System.Text;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>The sections of report.md behind the workloads.</summary>
internal static class MarkdownAnalysis
{
    private const int MostCosts = 6;

    public static void Sweep(StringBuilder md, ComparisonReport report, SweepResult? sweep)
    {
        if (sweep is null)
        {
            return;
        }

        md.Append(Invariant(
            $"\n## Speed-up on {sweep.Workload} by {sweep.Parameter}\n\n{sweep.Parameter}: {sweep.Doc}\n"));
        MarkdownReport.Table(md, ["encoding", .. sweep.Values.Select(v => v.Text())],
            sweep.Rows.Select(r => (string[])[report.EncodingOf(r.Encoding).Starred,
                .. r.Speedups.Select(s => Words.Interval(s))]));
    }

    public static void BreakEven(StringBuilder md, ComparisonReport report, BreakEvenResult? result)
    {
        if (result is null)
        {
            return;
        }

        md.Append(Invariant($"\n## Break-even fetch time on {result.Workload}\n\n"))
            .Append("Below it the encoding is slower than the baseline, above it faster. ")
            .Append(Invariant(
                $"Looked for from {Durations.Format(result.LowNs)} to {Durations.Format(result.HighNs)} under ")
                + Invariant($"`{result.Policy}`, "))
            .Append("with all costs as given and with all at the low or the high end of their ranges.\n");
        MarkdownReport.TextTable(md,
            ["encoding", "costs", "break-even", "lowest speed-up", "highest speed-up", "remark"],
            result.Rows.Select(r => (string[])
        [
            report.EncodingOf(r.Encoding).Starred, r.Costs, r.FetchNs is null ? "none" : Words.Duration(r.FetchNs),
            $"{Words.Number(r.LowestSpeedup, 4)} at {Words.Duration(r.LowestAtNs)}",
            $"{Words.Number(r.HighestSpeedup, 4)} at {Words.Duration(r.HighestAtNs)}",
            r.Remark,
        ]));
    }

    public static void Stability(StringBuilder md, ComparisonReport report, RankingStability? stability)
    {
        if (stability is null)
        {
            return;
        }

        md.Append("\n## Orderings that depend on costs\n\n")
            .Append(Invariant(
                $"Every workload under its common policy with each cost at both ends of its range, and with all of ")
                + Invariant($"them: {stability.Tables} tables, {stability.Seeds} repetitions each. Then with all of ")
                + Invariant($"them anywhere in their ranges: {stability.Points.Count} points, ")
                + Invariant($"{stability.PointSeeds} repetitions each. "))
            .Append("An ordering counts if its 95 % interval excludes a tie and its mean is one per cent or more; it "
                + "is reversed if the same holds the other way round. At a point the mean alone decides. What one "
                + "cost moves is elapsed time of the second over that of the first, at the low and the high end of its "
                + "range.\n");
        MarkdownReport.Table(md, ["workload", "ordered pairs", "robust", "reversed by some costs",
                "within noise at some costs"],
            stability.Rows.Select(r => (string[])
            [
                r.Workload, Invariant($"{r.Orderings.Count}"), Invariant($"{r.Orderings.Count(o => o.IsRobust)}"),
                Invariant($"{r.Flips.Count()}"), Invariant($"{r.Ties.Count()}"),
            ]));
        foreach (var row in stability.Rows.Where(r => r.Orderings.Any(o => !o.IsRobust)))
        {
            md.Append(Invariant($"\n{row.Workload}:\n"));
            MarkdownReport.TextTable(md, ["ahead", "behind", "reversed by", "within noise at", "kept at", "settled by",
                "moved most by"], row.Orderings.Where(o => !o.IsRobust).Select(o => (string[])
                [
                    report.EncodingOf(o.Faster).Starred, report.EncodingOf(o.Slower).Starred,
                    Some(o.ReversedBy), Some(o.TiedAt),
                    Invariant($"{o.Kept} of {o.Points}"), SettledBy(o),
                    string.Join(", ", o.Tornado.Take(2).Select(Bar)),
                ]));
        }
    }

    private static string Some(IReadOnlyList<string> costs) => string.Join(", ", costs.Take(MostCosts))
        + (costs.Count > MostCosts ? Invariant($" and {costs.Count - MostCosts} more") : "");

    private static string SettledBy(Ordering pair) => pair.SettledBy is not { } s ? "none alone"
        : Invariant($"{s.Price} {(s.IsKeptBelow ? "<" : ">=")} {Words.Duration(s.AtNs)}, right at {s.Points}");

    private static string Bar(TornadoBar bar) =>
        $"{bar.Price} {Words.Number(bar.Low)} to {Words.Number(bar.High)}";

    public static void Costs(StringBuilder md, CostTable costs)
    {
        md.Append("\n## Costs\n");
        MarkdownReport.TextTable(md, ["constant", "ns", "low", "high", "origin", "source"],
            costs.Entries.Select(e => (string[])
        [
            CostTableReader.NameOf(e.Kind), Invariant($"{e.Ns}"), Invariant($"{e.LowNs}"),
            Invariant($"{e.HighNs}"), e.Origin.Words(), e.Source,
        ]));
    }

    public static void Method(StringBuilder md, ComparisonReport report)
    {
        md.Append("\n## Method and threats to validity\n\n");
        MarkdownText.List(md, MethodText.Of(report));
    }
}
