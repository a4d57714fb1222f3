using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>report.md: verdict first, then the tables, then everything that qualifies them.</summary>
internal static class MarkdownReport
{
    /// <summary>The whole text.</summary>
    public static string Write(ComparisonReport report)
    {
        var md = new StringBuilder();
        md.Append("# Encodings of userfault signalling, compared\n\n");
        Answer(md, report);
        MarkdownText.List(md, ReportSummary.Of(report).Concat(report.Statements));
        md.Append("\n```sh\n").Append(report.Command).Append("\n```\n\n");
        md.Append(Invariant($"Seed {report.Seed}, {report.Seeds.Count} repetitions, {report.Runs} runs. "))
            .Append("Speed-up is the elapsed time of the baseline divided by that of the encoding (1.00 = no change), "
                + "in brackets its 95 % interval over the repetitions, paired by seed.\n");
        Encodings(md, report);
        md.Append("\n## Workloads\n\nA star marks an ").Append(Words.NeverPosted.Trim('(', ')'))
            .Append("; p= is the accuracy of the VMM's prediction, where it matters.\n");
        foreach (var workload in report.Workloads)
        {
            Workload(md, report, workload);
        }

        Claims(md, "Claims of the proposals", report.Claims);
        Claims(md, "Expectations", report.Expectations);
        MarkdownAnalysis.Sweep(md, report, report.Sweep);
        MarkdownAnalysis.BreakEven(md, report, report.BreakEven);
        MarkdownAnalysis.Stability(md, report, report.Stability);
        MarkdownAnalysis.Costs(md, report.Costs);
        MarkdownAnalysis.Method(md, report);
        return md.ToString();
    }

    /// <summary>A table of figures, or of texts.</summary>
    internal static void Table(
        StringBuilder md, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows, bool isFigures = true)
    {
        md.Append('\n');
        MarkdownText.Table(md, header, rows.Select(row => row.Select(MarkdownText.Cell).ToArray()), isFigures);
    }

    /// <summary>A table of texts, all to the left.</summary>
    internal static void TextTable(StringBuilder md, IReadOnlyList<string> header,
        IEnumerable<IReadOnlyList<string>> rows) =>
        Table(md, header, rows, isFigures: false);

    private static void Answer(StringBuilder md, ComparisonReport report)
    {
        if (report.Answer is not { } answer)
        {
            return;
        }

        md.Append(MarkdownText.Sentence(string.Join(' ', answer.Sentences))).Append('\n');
        if (answer.Workloads.Count > 0)
        {
            Table(md, [.. AnswerTable.Header(answer).Select(h => h.Trim())],
                AnswerTable.Rows(answer).Select(r => AnswerTable.Cells(r, answer).Select(c => c.Trim()).ToArray()));
            md.Append('\n').Append(MarkdownText.Sentence(AnswerTable.Legend(report, answer))).Append('\n');
        }

        md.Append('\n');
    }

    private static void Encodings(StringBuilder md, ComparisonReport report)
    {
        md.Append("\n## Encodings\n");
        TextTable(md, ["encoding", "what", "origin", "state per GiB"], report.Encodings.Select(e => (string[])
        [
            e.IsNeverPosted ? $"{e.Name} {Words.NeverPosted}" : e.Name,
            e.Note.Length > 0 ? $"{e.Description.Summary} {e.Note}" : e.Description.Summary,
            e.Description.Origin,
            Invariant($"{e.StateBytesPerGiB} B"),
        ]));
    }

    private static void Workload(StringBuilder md, ComparisonReport report, WorkloadEntry workload)
    {
        md.Append(Invariant($"\n### {workload.Name}\n\n"));
        md.Append(Invariant(
            $"vCPUs: {workload.Vcpus}, tasks on each: {workload.TasksPerVcpu}, frames: {workload.Gfns}, common ")
            + Invariant($"policy: `{workload.Policy}`.\n"));
        Table(md,
            [
                "encoding", "speed-up", "share of oracle's gain",
                    .. Metric.WideColumns.Select(m => m.Column!.WideHeading),
                "violations", "best policy", "speed-up there",
            ],
            WorkloadTable.Of(report, workload).Select(r => (string[])
            [
                r.Label, r.SpeedupInterval, r.OracleShare, .. r.Wide,
                r.Violations.Length > 0 ? r.Violations : "none", r.BestPolicy, r.BestSpeedup,
            ]));
        md.Append('\n');
        MarkdownText.List(md, report.Findings.Where(f => f.Workload == workload.Name).Select(f => f.Text));
        MarkdownText.List(md, report.Cells
            .Where(c => c.Workload == workload.Name && c.Role == PolicyRole.Common && c.OwnEvents.Count > 0)
            .Select(c => $"Counted by {Words.Label(report, c.Encoding, c.Predict, showPredict: true)} in a run: "
                + string.Join(", ", c.OwnEvents.Select(e => $"{e.Key} {Words.Number(e.Value.Mean)}")) + "."));
        MarkdownText.List(md, workload.Notes.Select(n => "Note: " + n));
        MarkdownText.List(md, report.Cells.Where(c => c.Workload == workload.Name && c.Error.Length > 0)
            .Select(c => $"{c.Encoding} under {c.Policy}: {c.Error}").Distinct());
    }

    private static void Claims(StringBuilder md, string title, IReadOnlyList<ClaimResult> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        md.Append("\n## ").Append(title).Append('\n');
        TextTable(md, ["claim", "verdict", "formula", "measured"], results.Select(r => (string[])
        [
            $"{(r.Source.Length > 0 ? r.Source + " " : "")}{r.Claim.Id}: "
                + $"{r.Claim.Text}{(r.Verdict != Verdict.Holds ? " " + r.Claim.Otherwise : "")}",
            r.Verdict.Words(), ClaimText.Formula(r.Claim), ClaimText.Measured(r),
        ]));
    }
}
