using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>The matrix and its cells as text.</summary>
internal static class ConcernsText
{
    private const string Head = "encoding";

    /// <summary>So many cells have a line each where fewer would do.</summary>
    private const int Few = 12;

    private static readonly (ConcernVerdict Verdict, string Mark)[] s_marks =
    [
        (ConcernVerdict.Holds, "+"), (ConcernVerdict.HoldsAtACost, "$"), (ConcernVerdict.Broken, "X"),
        (ConcernVerdict.NeedsAbiBreak, "!"), (ConcernVerdict.NotDecided, "?"),
    ];

    /// <summary>The answer; then each cell on a line, or all of them as marks where there are too many.</summary>
    /// <param name="answer">The cells, understood.</param>
    /// <param name="concerns">In the order in which they are printed.</param>
    /// <param name="width">Columns of the answer.</param>
    /// <param name="details">Whether both are printed, however many there are.</param>
    public static string Page(ConcernsAnswer answer, IReadOnlyList<IConcern> concerns, int width, bool details)
    {
        var text = new StringBuilder();
        foreach (var line in WordWrap.Fill(string.Join(' ', answer.Sentences), width))
        {
            text.Append(line).Append('\n');
        }

        var isFew = answer.Cells.Count <= Few;
        text.Append(isFew && !details ? "" : Marks(answer, concerns, width));
        text.Append(isFew || details ? Lines(answer, concerns) : "");
        return text.Append("\nEvidence of a cell: concerns ENCODING CONCERN --explain\n")
            .Append(isFew || details ? "" : "Every cell in words: concerns --details\n").ToString();
    }

    private static string Word(ConcernVerdict verdict) => verdict == ConcernVerdict.Broken ? "BROKEN"
        : ConcernVerdicts.Word(verdict);

    /// <summary>A row for each encoding, a mark for each concern.</summary>
    private static string Marks(ConcernsAnswer answer, IReadOnlyList<IConcern> concerns, int width)
    {
        var text = new StringBuilder("\n");
        IConcern[] asked = [.. concerns.Where(c => answer.Cells.Any(k => k.Concern == c.Id))];
        var marks = asked.Sum(c => c.Id.Length + 1);
        var widest = answer.Encodings.Select(e => e.Length).Append(Head.Length).Max();
        var label = Math.Min(widest, Math.Max(0, width - marks));
        Row(Head, c => c.Id);
        foreach (var encoding in answer.Encodings)
        {
            Row(encoding, c => Mark(answer.Cell(c.Id, encoding)));
        }

        var shown = s_marks.Where(m => answer.Cells.Any(c => c.Verdict == m.Verdict));
        text.Append(string.Join(", ", shown.Select(m => $"{m.Mark} {Word(m.Verdict)}"))).Append('\n');
        var id = asked.Select(c => c.Id.Length).DefaultIfEmpty(0).Max();
        foreach (var concern in asked)
        {
            text.Append(concern.Id.PadRight(id)).Append("  ").Append(concern.Title).Append('\n');
        }

        return text.ToString();

        // A name that is too long has a line of its own.
        void Row(string name, Func<IConcern, string> cell)
        {
            var row = string.Concat(asked.Select(c => " " + cell(c).PadRight(c.Id.Length)));
            text.Append(name.Length > label ? name + "\n" : "")
                .Append((name.Length > label ? "" : name).PadRight(label)).Append(row.TrimEnd()).Append('\n');
        }
    }

    private static string Mark(ConcernCell? cell) =>
        cell is null ? "" : s_marks.First(m => m.Verdict == cell.Verdict).Mark;

    /// <summary>One block for each concern, one line for each encoding.</summary>
    private static string Lines(ConcernsAnswer answer, IReadOnlyList<IConcern> concerns)
    {
        var text = new StringBuilder();
        var width = answer.Encodings.Select(n => n.Length).DefaultIfEmpty(0).Max();
        foreach (var concern in concerns)
        {
            text.Append('\n').Append(concern.Id).Append("  ").Append(concern.Title).Append('\n');
            foreach (var encoding in answer.Encodings)
            {
                if (answer.Cell(concern.Id, encoding) is { } cell)
                {
                    text.Append("  ").Append(encoding.PadRight(width)).Append("  ")
                        .Append(Word(cell.Verdict).PadRight(11)).Append("  ").Append(cell.Summary).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Everything about one cell.</summary>
    public static string Explain(IConcern concern, ConcernCell cell, IReadOnlyList<string> plugins)
    {
        var text = new StringBuilder();
        text.Append(concern.Id).Append(' ').Append(concern.Title).Append(": ").Append(cell.Encoding).Append('\n');
        text.Append("  asked     ").Append(concern.Question).Append('\n');
        text.Append("  raised    ").Append(concern.Source).Append('\n');
        text.Append("  decided   ").Append(concern.Method).Append('\n');
        text.Append("  verdict   ").Append(Word(cell.Verdict)).Append(": ").Append(cell.Summary).Append('\n');
        foreach (var evidence in cell.Evidence)
        {
            text.Append("  evidence  ").Append(evidence.Text).Append('\n');
            text.Append(evidence.Command.Length > 0
                ? $"            uapilab {evidence.Command}{string.Concat(plugins.Select(p => " --plugin " + p))}\n"
                : "");
        }

        foreach (var details in cell.Evidence.Select(e => e.Details).Where(d => d.Length > 0))
        {
            text.Append('\n').Append(details);
        }

        return text.Append('\n').ToString();
    }
}
