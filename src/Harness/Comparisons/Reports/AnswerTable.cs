using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>The one table beside the answer: encodings in the order of the ranking, and what decides it.</summary>
internal static class AnswerTable
{
    private const int LabelWidth = 36;
    private const int MostRows = 14;

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
        // By definition the baseline is 1 everywhere.
        var rows = Rows(answer).Where(r => r.Encoding != report.Baseline).ToArray();
        if (rows.Length == 0 || answer.Workloads.Count == 0)
        {
            return;
        }

        page.Add();
        string[][] cells = [.. rows.Take(MostRows).Select(r => Cells(r, answer))];
        var header = Header(answer);
        var label = Math.Min(LabelWidth, cells.Max(c => c[0].Length));
        int Width(int between) => label + header.Select((h, i) => i == 0 ? 0
            : between + Math.Max(h.Length, cells.Max(c => c[i].Length))).Sum();
        var gap = Width(2) <= page.Width ? 2 : 1;
        string[][] head = Width(gap) <= page.Width ? [header] : InTwoLines(header);
        page.Table(head[0], [.. head[1..], .. cells], firstColumn: LabelWidth, gap);
        if (rows.Length > MostRows)
        {
            page.Add(Invariant($"   and {rows.Length - MostRows} more"));
        }

        page.Wrap(Legend(report, answer));
    }

    /// <summary>The headings of the columns.</summary>
    public static string[] Header(Answer answer) =>
    [
        "   encoding", .. IsAsked(answer) ? ["tell"] : Array.Empty<string>(), Metric.BackToBackApf.Column!.Heading,
        .. answer.Workloads.Select(w => w.Heading), "fail", "uAPI",
    ];

    /// <summary>The rows worth a line: a broken encoding needs no second one.</summary>
    public static IEnumerable<AnswerRow> Rows(Answer answer) =>
        answer.Rows.DistinctBy(r => (r.Encoding, r.Failures > 0 ? null : r.Predict));

    /// <summary>One row as text.</summary>
    public static string[] Cells(AnswerRow row, Answer answer) =>
    [
        $"{Rank(row, answer),2} {row.Label}",
        .. IsAsked(answer) ? [Tells(row.Tells)] : Array.Empty<string>(),
        Words.Per100(row.BackToBack),
        .. row.Marks.Select(m => Words.Number(m.Speedup) + Mark(m)),
        row.Failures == 0 ? Words.Unknown : Invariant($"{row.Failures}"),
        Invariant($"{row.UapiParts}"),
    ];

    /// <summary>What the marks and headings mean.</summary>
    public static string Legend(ComparisonReport report, Answer answer)
    {
        var tells = IsAsked(answer) ? "; tell: KVM can tell sync from async as it injects (late: after it, -: need not)"
            : "; whether KVM can tell sync from async: concerns C1";
        var own = report.Encodings.Any(e => e.IsNeverPosted) ? $"; name*: {Words.NeverPosted.Trim('(', ')')}" : "";
        var accuracy = answer.Rows.Any(r => r.Predict is not null) ? "; p: accuracy" : "";
        var baseline = report.Baseline is { } name
            ? $" over {name}{Noted(report.EncodingOf(name))} (* fastest, - slower)" : " (* fastest)";
        return $"Speed-up{baseline}{tells}; {Metric.BackToBackApf.Column!.Heading}: needless APFs per 100 "
            + $"{answer.Workloads[0].Heading} faults; fail: broken in runs{own}{accuracy}.";
    }

    /// <summary>What the maker of the plan says of it.</summary>
    private static string Noted(EncodingEntry encoding) => encoding.Note.Length == 0 ? ""
        : ", " + char.ToLowerInvariant(encoding.Note[0]) + encoding.Note[1..].TrimEnd('.');

    private static bool IsAsked(Answer answer) => answer.Rows.Any(r => r.Tells is not null);

    private static string Tells(KvmTells? tells) => tells switch
    {
        null => "",
        KvmTells.AfterInjecting => "late",
        KvmTells.DoesNotArise => Words.Unknown,
        KvmTells.NotDecided => "?",
        { } other => other.Words(),
    };

    /// <summary>The same, broken at a hyphen, for a page that is too narrow.</summary>
    private static string[][] InTwoLines(string[] header)
    {
        static string Cut(string text) => text.Length <= Shortest ? text : text[..Shortest];
        var parts = header.Select((h, i) => i == 0 ? ["", h]
            : h.IndexOf('-', StringComparison.Ordinal) is > 0 and var at ? [Cut(h[..at] + "-"), Cut(h[(at + 1)..])]
            : new[] { "", Cut(h) }).ToArray();
        return [[.. parts.Select(p => p[0])], [.. parts.Select(p => p[1])]];
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
