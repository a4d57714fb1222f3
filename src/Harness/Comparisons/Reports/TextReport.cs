using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>report.txt: 72 columns of 7-bit ASCII, to be pasted into a mail.</summary>
internal static class TextReport
{
    private const int Width = 72;
    private const int LabelWidth = 33;
    private const int MostCauses = 3;

    /// <summary>The whole text.</summary>
    public static string Write(ComparisonReport report)
    {
        var lines = new TextPage(Width, CleanText.Ascii);
        lines.Add("Encodings of userfault signalling, compared on a simulated machine");
        lines.Add(new string('=', 66));
        lines.Add();
        AnswerTable.Add(lines, report);
        lines.Add();
        lines.Wrap(report.Command, "  ", "      ", " \\");
        lines.Add();
        lines.Wrap(Invariant($"Seed {report.Seed}, {report.Seeds.Count} repetitions, {report.Runs} runs. ")
            + "Speed-up is the elapsed time of the baseline divided by that of the encoding (1.00 = no change), +- "
                + "half "
            + "its 95 % interval over the repetitions, paired by seed.");
        lines.Heading("Verdict");
        foreach (var sentence in ReportSummary.Of(report).Concat(report.Statements))
        {
            lines.Wrap(sentence, "- ", "  ");
        }

        foreach (var workload in report.Workloads)
        {
            Workload(lines, report, workload);
        }

        Legend(lines, report);
        Claims(lines, "Claims of the proposals", report.Claims);
        Claims(lines, "Expectations", report.Expectations);
        Sweep(lines, report, report.Sweep);
        BreakEven(lines, report, report.BreakEven);
        Stability(lines, report, report.Stability);
        Limits(lines, report);
        return lines.ToString();
    }

    private static void Workload(TextPage lines, ComparisonReport report, WorkloadEntry workload)
    {
        lines.Heading($"{workload.Name} (policy {workload.Policy})");
        var rows = WorkloadTable.Of(report, workload);
        if (rows.Count == 0)
        {
            lines.Add("Nothing was finished.");
            return;
        }

        lines.Table(
            ["encoding", "speed-up", .. WorkloadTable.NarrowColumns(report, workload).Select(m => m.Column!.Heading)],
            [.. rows.Select(r => (string[])[r.Label, r.Speedup, .. r.Narrow])],
            firstColumn: LabelWidth,
            gap: 1);
        foreach (var row in rows.Where(r => r.Violations.Length > 0))
        {
            lines.Wrap($"{row.Label}: {row.Violations}", "! ", "  ");
        }

        var best = rows.Where(r => r.BestGains).ToArray();
        if (best.Length > 0)
        {
            lines.Wrap("At least 1 % less time under a policy of its own (speed-up over the baseline under its best): "
                + string.Join("; ", best.Select(r => $"{r.Label} under {r.BestPolicy}, {r.BestSpeedup}")) + ".", "",
                    "  ");
        }

        foreach (var note in workload.Notes)
        {
            lines.Wrap(note, "Note: ", "  ");
        }

        foreach (var finding in report.Findings.Where(f => f.Workload == workload.Name))
        {
            lines.Wrap(finding.Text, "- ", "  ");
        }
    }

    private static void Legend(TextPage lines, ComparisonReport report)
    {
        lines.Add();
        var perFault = WorkloadTable.Legend(Metric.WideColumns, times: false, c => $"{c.Heading} {c.Legend}");
        var times = WorkloadTable.Legend(Metric.WideColumns, times: true, c => $"{c.Heading}: {c.Legend}");
        lines.Wrap($"Per fault: {perFault}; a column of 0.00 may be left out. {times}; p=: accuracy of the VMM's "
            + "prediction, where it matters.");
        if (report.Encodings.Any(e => e.IsNeverPosted))
        {
            lines.Wrap(
                $"* {Words.NeverPosted}: "
                + $"{string.Join(", ", report.Encodings.Where(e => e.IsNeverPosted).Select(e => e.Name))}.");
        }

        foreach (var encoding in report.Encodings.Where(e => e.Note.Length > 0))
        {
            lines.Wrap($"{encoding.Name}: {encoding.Note}", "", "  ");
        }
    }

    private static void Claims(TextPage lines, string title, IReadOnlyList<ClaimResult> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        lines.Heading(title);
        foreach (var result in results)
        {
            var name = result.Source.Length > 0 ? $"{result.Source} {result.Claim.Id}" : result.Claim.Id;
            lines.Wrap($"{result.Verdict.Words()}: {name}. {result.Claim.Text}", "- ", "  ");
            lines.Wrap($"{ClaimText.Formula(result.Claim)}; measured {ClaimText.Measured(result)}", "    ", "    ");
            if (result.Verdict != Verdict.Holds && result.Claim.Otherwise.Length > 0)
            {
                lines.Wrap(result.Claim.Otherwise, "    ", "    ");
            }
        }
    }

    private static void Sweep(TextPage lines, ComparisonReport report, SweepResult? sweep)
    {
        if (sweep is null)
        {
            return;
        }

        lines.Heading($"Speed-up on {sweep.Workload} by {sweep.Parameter}");
        lines.Wrap($"{sweep.Parameter}: {sweep.Doc}");
        lines.Add();
        lines.Table(
            ["encoding", .. sweep.Values.Select(v => v.Text())],
            [.. sweep.Rows.Select(r => (string[])[report.EncodingOf(r.Encoding).Starred,
                .. r.Speedups.Select(s => Words.Number(s?.Mean))])],
            firstColumn: LabelWidth);
    }

    private static void BreakEven(TextPage lines, ComparisonReport report, BreakEvenResult? result)
    {
        if (result is null)
        {
            return;
        }

        lines.Heading($"Break-even fetch time on {result.Workload}");
        lines.Wrap(
            $"Below it the encoding is slower than the baseline. Looked for from {Durations.Format(result.LowNs)} to "
            + $"{Durations.Format(result.HighNs)} under {result.Policy}, with all costs as given and at both ends of "
                + $"their ranges.");
        lines.Add();
        lines.Table(
            ["encoding", "given", "low", "high", "slowest (given)"],
            [.. result.Rows.GroupBy(r => r.Encoding).Select(g => (string[])[report.EncodingOf(g.Key).Starred,
                .. g.Select(r => Words.Duration(r.FetchNs)), At(g.First().LowestSpeedup, g.First().LowestAtNs)])],
            firstColumn: LabelWidth);
        foreach (var group in result.Rows.Where(r => r.Remark.Length > 0).GroupBy(r => r.Remark))
        {
            lines.Wrap(
                $"No break-even, {group.Key}: "
                + $"{string.Join(", ", group.Select(r => $"{report.EncodingOf(r.Encoding).Starred} ({r.Costs})"))}.",
                "- ", "  ");
        }
    }

    private static string At(decimal? speedup, long ns) =>
        speedup is null ? Words.Unknown : $"{Words.Number(speedup)} at {Words.Duration(ns)}";

    private static void Stability(TextPage lines, ComparisonReport report, RankingStability? stability)
    {
        if (stability is null)
        {
            return;
        }

        lines.Heading("Orderings that depend on costs");
        lines.Wrap(
            Invariant($"Each cost at both ends of its range, and all together: {stability.Tables} tables, ")
            + Invariant($"{stability.Seeds} repetitions."));
        foreach (var row in stability.Rows)
        {
            lines.Wrap(
                Invariant($"{row.Workload}: {row.Flips.Count} of {row.OrderedPairs} reversed, {row.Ties.Count} within ")
                + Invariant($"noise at some costs{Causes(row)}."), "- ", "  ");
            foreach (var flip in row.Flips)
            {
                lines.Wrap(
                    $"{report.EncodingOf(flip.Faster).Starred} ahead of {report.EncodingOf(flip.Slower).Starred}, "
                    + $"unless {string.Join(", ", flip.By)}", "    ", "      ");
            }
        }
    }

    /// <summary>What most often leaves pairs within noise.</summary>
    private static string Causes(StabilityRow row)
    {
        var causes = row.Ties.SelectMany(t => t.By).CountBy(by => by).OrderByDescending(c => c.Value)
            .ThenBy(c => c.Key, StringComparer.Ordinal).Take(MostCauses);
        return row.Ties.Count == 0 ? "" : $", most often {string.Join(", ", causes.Select(c => c.Key))}";
    }

    private static void Limits(TextPage lines, ComparisonReport report)
    {
        lines.Heading("Limits");
        var assumed = report.Costs.Entries.Count(e => e.Origin == Simulation.CostOrigin.Assumed);
        lines.Wrap(
            Invariant($"A model, not a kernel: virtual time, costs from one table, of which {assumed} of ")
            + Invariant($"{report.Costs.Entries.Count} are assumed within a range; ")
            + "what is and is not modelled is in docs/model.md, what the metrics mean in docs/metrics.md. Intervals "
            + "cover the seeds only, neither the costs nor the model. The machine-readable report has every number.");
    }
}
