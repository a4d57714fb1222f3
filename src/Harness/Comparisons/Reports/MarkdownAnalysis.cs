using System.Text;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>The sections of report.md behind the workloads.</summary>
internal static class MarkdownAnalysis
{
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
                + Invariant($"them: {stability.Tables} tables, {stability.Seeds} repetitions each. "))
            .Append("An ordering counts if its 95 % interval excludes a tie and its mean is one per cent or more; it "
                + "is reversed if the same holds the other way round.\n");
        MarkdownReport.Table(md, ["workload", "ordered pairs", "reversed by some cost", "within noise at some cost"],
            stability.Rows.Select(r => (string[])
            [r.Workload, Invariant($"{r.OrderedPairs}"), Invariant($"{r.Flips.Count}"), Invariant($"{r.Ties.Count}")]));
        foreach (var row in stability.Rows.Where(r => r.Flips.Count + r.Ties.Count > 0))
        {
            md.Append(Invariant($"\n{row.Workload}:\n\n"));
            MarkdownText.List(md,
                row.Flips.Select(
                f => $"{report.EncodingOf(f.Faster).Starred} is ahead of {report.EncodingOf(f.Slower).Starred}, "
                + $"unless {string.Join(", ", f.By)}"));
            MarkdownText.List(md,
                row.Ties.Select(
                t => $"{report.EncodingOf(t.Faster).Starred} is not told from {report.EncodingOf(t.Slower).Starred} "
                + $"at {string.Join(", ", t.By)}"));
        }
    }

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
