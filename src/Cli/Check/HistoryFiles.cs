using UapiLab.Harness.Checking;

namespace UapiLab.Cli.Check;

/// <summary>Histories as files: text for a terminal and for a mail, Markdown, and the JSON that <c>replay</c> reads.</summary>
internal static class HistoryFiles
{
    /// <returns>The traces, for the reader's next command.</returns>
    public static IReadOnlyList<string> Write(string directory, CheckOutcome outcome)
    {
        var traces = new List<string>();
        foreach (var history in outcome.Histories)
        {
            Directory.CreateDirectory(directory);
            var name = string.Concat($"{outcome.Encoding}-{outcome.Instance.Name}-{history.Property}".Select(c => c is ':' or ',' or '=' ? '-' : c));
            var path = Path.Combine(directory, name);
            File.WriteAllText(path + ".trace.json", HistoryJson.Write(history));
            File.WriteAllText(path + ".mail.txt", HistoryMail.Write(history));
            File.WriteAllText(path + ".md", HistoryMarkdown.Write(history));
            traces.Add(path + ".trace.json");
        }

        return traces;
    }
}
