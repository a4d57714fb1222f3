using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>The one table beside the answer: encodings in the order of the ranking, and what decides it.</summary>
internal static class AnswerTable
{
    private const int LabelWidth = 36;
    private const int MostRows = 14;

    /// <summary>Columns of what is given per fault, and of the failures.</summary>
    private const int OtherColumns = 12;

    /// <summary>A heading is not cut to less.</summary>
    private const int Shortest = 9;

    private const string Fastest = "*";
    private const string Slower = "-";

    /// <summary>Sentences, table and legend.</summary>
    public static void Add(TextPage page, ComparisonReport report)
    {
        if (report.Answer is not { } answer)
        {
            return;
        }

        page.Wrap(string.Join(' ', answer.Sentences));
        var rows = Rows(answer).ToArray();
        if (rows.Length == 0 || answer.Workloads.Count == 0)
        {
            return;
        }

        page.Add();
        var gap = page.Width >= 80 ? 2 : 1;
        string[][] cells = [.. rows.Take(MostRows).Select(r => Cells(r, answer))];
        var label = Math.Min(LabelWidth, cells.Max(c => c[0].Length));
        var count = answer.Workloads.Count;
        var room = (page.Width - label - OtherColumns - (gap * (count + 3))) / count;
        page.Table(Header(answer, Math.Max(Shortest, room)), cells, firstColumn: LabelWidth, gap);
        if (rows.Length > MostRows)
        {
            page.Add(Invariant($"   and {rows.Length - MostRows} more"));
        }

        page.Wrap(Legend(report, answer));
    }

    /// <summary>The header; a heading is cut if the page is narrow.</summary>
    public static string[] Header(Answer answer, int widest = int.MaxValue) =>
    [
        "   encoding", Metric.BackToBackApf.Column!.Heading,
        .. answer.Workloads.Select(w => w.Heading.Length <= widest ? w.Heading : w.Heading[..widest]),
        Metric.Exits.Column!.Heading, "fail",
    ];

    /// <summary>The rows worth a line: a broken encoding needs no second one.</summary>
    public static IEnumerable<AnswerRow> Rows(Answer answer) =>
        answer.Rows.DistinctBy(r => (r.Encoding, r.Failures > 0 ? null : r.Predict));

    /// <summary>One row as text.</summary>
    public static string[] Cells(AnswerRow row, Answer answer) =>
    [
        $"{Rank(row, answer),2} {row.Label}",
        Words.PerFault(row.BackToBack),
        .. row.Marks.Select(m => Words.Number(m.Speedup) + Mark(m)),
        Words.PerFault(row.Exits),
        row.Failures == 0 ? Words.Unknown : Invariant($"{row.Failures}"),
    ];

    /// <summary>What the marks and headings mean.</summary>
    public static string Legend(ComparisonReport report, Answer answer)
    {
        var own = report.Encodings.Any(e => e.IsNeverPosted) ? $"; name*: {Words.NeverPosted.Trim('(', ')')}" : "";
        var accuracy = answer.Rows.Any(r => r.Predict is not null) ? "; p: accuracy of predictions" : "";
        var baseline = report.Baseline is { } name ? $" over {name} (* fastest, - slower)" : " (* fastest)";
        return $"Speed-up{baseline}; per {answer.Workloads[0].Heading} fault: needless APFs "
            + $"({Metric.BackToBackApf.Column!.Heading}), exits{own}{accuracy}.";
    }

    private static string Rank(AnswerRow row, Answer answer) => row switch
    {
        { Failures: > 0 } => "x",
        { Rank: null } => "",
        { Rank: 1 } when answer.Preferred.Count > 1 => "=1",
        { Rank: var rank } => Invariant($"{rank}"),
    };

    private static string Mark(AnswerMark mark) =>
        mark.IsFastest ? Fastest : mark.IsSlowerThanBaseline ? Slower : " ";
}
