using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A history as Markdown: a sequence diagram, and below it every step with what it changed.</summary>
internal static class HistoryMarkdown
{
    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(History history)
    {
        var md = new StringBuilder();
        md.Append(Invariant(
            $"# {MarkdownText.Escaped(history.Property)}: {MarkdownText.Escaped(history.Encoding)}\n\n"));
        md.Append(Invariant(
            $"{MarkdownText.Escaped(history.PropertyDoc)}\n\n**{MarkdownText.Escaped(history.Outcome)}**\n\n"));
        foreach (var (name, text) in HistoryPage.Facts(history))
        {
            md.Append(Invariant($"- {name}: {MarkdownText.Escaped(text)}\n"));
        }

        md.Append('\n');
        if (history.Steps.Count == 0)
        {
            md.Append(HistoryPage.NoStep).Append('\n');
        }
        else
        {
            MermaidDiagram.Write(history, md);
            md.Append('\n');
            Steps(history, md);
        }

        if (history.Waiting.Count > 0)
        {
            md.Append("\n## At the end\n\n");
            foreach (var waiting in history.Waiting)
            {
                md.Append("- ").Append(MarkdownText.Escaped(StepText.Of(history, waiting))).Append('\n');
            }
        }

        return md.ToString();
    }

    private static void Steps(History history, StringBuilder md)
    {
        MarkdownText.Table(md, ["#", "lane", "step", "where", "changes", "events"],
            history.Steps.SelectMany(step => Rows(history, step)));
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(History history, HistoryStep step)
    {
        yield return
        [
            Invariant($"{step.Number}"),
            MarkdownText.Escaped(history.Lanes[step.Lane]),
            MarkdownText.Escaped(step.Text),
            string.Join("<br>", StepText.Where(step).Select(MarkdownText.Escaped)),
            string.Join("<br>", step.Changes.Select(c => MarkdownText.Code(StepText.Of(c)))),
            string.Join("<br>", step.Events.Select(MarkdownText.Code)),
        ];
        if (step.Number == history.InevitableFrom)
        {
            yield return ["", "", $"**{StepText.Inevitable}**", "", "", ""];
        }
    }
}
