using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>The files that a history is written to.</summary>
public static class HistoryFormats
{
    /// <summary>What <c>replay</c> reads.</summary>
    public static OutputFormat<History> Trace { get; } = new(
        ".trace.json",
        "what `replay` runs again on the machine as it is now: the only stable format",
        HistoryJson.Write);

    /// <summary>In the order in which they are named.</summary>
    public static IReadOnlyList<OutputFormat<History>> All { get; } =
    [
        Trace,
        new(".mail.txt", "to be pasted into a mail: at most 60 lines of 72 columns of 7-bit ASCII", HistoryMail.Write),
        new(".md", "Markdown: a Mermaid sequence diagram, and every step with what it changed", HistoryMarkdown.Write),
    ];
}
