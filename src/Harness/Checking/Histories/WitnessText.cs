using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Two histories that look the same to the half that would have to act differently in them: what they show is
/// that no code in that place can tell, however clever.</summary>
public sealed record WitnessPair
{
    /// <summary>What the pair shows: the heading of the section.</summary>
    public required string Title { get; init; }
    /// <summary>Who cannot tell them apart: "KVM at the fault".</summary>
    public required string Viewer { get; init; }
    /// <summary>Everything the viewer has seen, the same in both.</summary>
    public required IReadOnlyList<string> CommonView { get; init; }
    /// <summary>One history.</summary>
    public required History First { get; init; }
    /// <summary>What the viewer would have to do in it.</summary>
    public required string FirstNeed { get; init; }
    /// <summary>The other history.</summary>
    public required History Second { get; init; }
    /// <summary>What the viewer would have to do in that one.</summary>
    public required string SecondNeed { get; init; }
}

/// <summary>A witness pair side by side, as a section of a mail and of a Markdown document.</summary>
public static class WitnessText
{
    private const string Between = " | ";

    /// <summary>72 columns of 7-bit ASCII.</summary>
    public static string Mail(WitnessPair pair)
    {
        var page = new TextPage(HistoryMail.Width, CleanText.Ascii);
        page.Heading(pair.Title).Add();
        page.Paragraph($"{pair.Viewer} has seen the same in both histories:");
        foreach (var seen in pair.CommonView)
        {
            page.Paragraph(seen, "- ", "  ");
        }

        page.Add();
        var common = Steps(pair).TakeWhile(s => s.Item1 == s.Item2).Count();
        if (common > 0)
        {
            page.Paragraph("Both histories begin with:");
            foreach (var (step, _) in Steps(pair).Take(common))
            {
                page.Paragraph(step, "", "  ");
            }

            page.Add();
        }

        var width = (page.Width - Between.Length) / 2;
        Row(page, width, Cell(page, width, $"needed: {pair.FirstNeed}"),
            Cell(page, width, $"needed: {pair.SecondNeed}"));
        page.Add(new string('-', width) + "-+-" + new string('-', page.Width - Between.Length - width));
        foreach (var (left, right) in Steps(pair).Skip(common))
        {
            Row(page, width, Cell(page, width, left), Cell(page, width, right));
        }

        Row(page, width, Cell(page, width, pair.First.Outcome), Cell(page, width, pair.Second.Outcome));
        return page.ToString();
    }

    /// <summary>A section of a Markdown document.</summary>
    public static string Markdown(WitnessPair pair)
    {
        var md = new StringBuilder();
        md.Append("## ").Append(MarkdownText.Escaped(pair.Title)).Append("\n\n");
        md.Append(MarkdownText.Escaped(pair.Viewer)).Append(" has seen the same in both histories:\n\n");
        foreach (var seen in pair.CommonView)
        {
            md.Append("- ").Append(MarkdownText.Escaped(seen)).Append('\n');
        }

        md.Append('\n');
        MarkdownText.Table(md,
            ["needed: " + MarkdownText.Escaped(pair.FirstNeed), "needed: " + MarkdownText.Escaped(pair.SecondNeed)],
            Steps(pair).Append((pair.First.Outcome, pair.Second.Outcome))
                .Select(r => (string[])[MarkdownText.Escaped(r.Item1), MarkdownText.Escaped(r.Item2)]));
        return md.ToString();
    }

    private static IEnumerable<(string, string)> Steps(WitnessPair pair)
    {
        for (var i = 0; i < Math.Max(pair.First.Steps.Count, pair.Second.Steps.Count); i++)
        {
            yield return (Step(pair.First, i), Step(pair.Second, i));
        }
    }

    private static string Step(History history, int i) => i >= history.Steps.Count ? ""
        : Invariant($"{history.Steps[i].Number} {history.Lanes[history.Steps[i].Lane]}: {history.Steps[i].Text}");

    private static IReadOnlyList<string> Cell(TextPage page, int width, string text) =>
        WordWrap.Broken(page.Clean(text), width, hang: 2);

    private static void Row(TextPage page, int width, IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            page.Add((i < left.Count ? left[i] : "").PadRight(width) + Between + (i < right.Count ? right[i] : ""));
        }
    }
}
