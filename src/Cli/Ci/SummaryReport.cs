using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Ci;

/// <summary>At most 20 lines of Markdown, for the summary of a step.</summary>
internal static class SummaryReport
{
    /// <summary>Lines of a summary.</summary>
    public const int MostLines = 20;

    /// <param name="command">What ran.</param>
    /// <param name="exit">What it came to.</param>
    /// <param name="answer">A paragraph each.</param>
    /// <param name="points">What fails, most important first.</param>
    public static string Write(string command, int exit, IEnumerable<string> answer, IEnumerable<string> points)
    {
        var lines = new List<string> { $"### {CiFile.Mark} {command}: {Word(exit)}" };
        foreach (var paragraph in answer.Take((MostLines - 4) / 2))
        {
            lines.Add("");
            lines.Add(MarkdownText.Sentence(OneLine(paragraph)));
        }

        string[] all = [.. points];
        if (all.Length > 0)
        {
            lines.Add("");
            var room = MostLines - lines.Count;
            var shown = all.Length <= room ? all.Length : room - 1;
            lines.AddRange(all.Take(shown).Select(p => "- " + MarkdownText.Sentence(OneLine(p))));
            if (shown < all.Length)
            {
                lines.Add(Invariant($"- and {all.Length - shown} more"));
            }
        }

        return new StringBuilder().AppendJoin('\n', lines).Append('\n').ToString();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Word(int exit) => exit switch
    {
        ExitCode.Fine => "passed",
        ExitCode.Violation => "failed",
        ExitCode.Undecided => "not decided",
        _ => "error",
    };
}
