using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Misuse;

namespace UapiLab.Cli.Check;

/// <summary>Histories as the files of <see cref="HistoryFormats"/>.</summary>
internal static class HistoryFiles
{
    /// <returns>The traces, for the reader's next command.</returns>
    public static IReadOnlyList<string> Write(OutputFolder folder, CheckOutcome outcome) =>
        Write(folder, outcome.Encoding, outcome.Instance, outcome.Histories);

    /// <returns>The same.</returns>
    public static IReadOnlyList<string> Write(OutputFolder folder, string encoding, CheckInstance instance,
        IEnumerable<History> histories)
    {
        var traces = new List<string>();
        foreach (var history in histories)
        {
            var name = NameOf(encoding, instance, history);
            foreach (var format in HistoryFormats.All)
            {
                var path = folder.Write(name + format.File, format.Write(history));
                if (path is not null && format == HistoryFormats.Trace)
                {
                    traces.Add(path);
                }
            }
        }

        return traces;
    }

    /// <summary>Histories of a mistake, to be read: no registry has an encoding whose VMM makes it, so there is nothing
    /// to replay them with.</summary>
    public static void Write(OutputFolder folder, MisuseReport report)
    {
        foreach (var made in report.Cases)
        {
            foreach (var history in made.Histories)
            {
                foreach (var format in HistoryFormats.All.Where(f => f != HistoryFormats.Trace))
                {
                    folder.Write(NameOf(report.Encoding, made, history) + format.File, format.Write(history));
                }
            }
        }
    }

    /// <summary>The Markdown file of a history of a mistake.</summary>
    public static string MarkdownOf(MisuseReport report, MisuseCase made, History history) =>
        NameOf(report.Encoding, made, history) + ".md";

    private static string NameOf(string encoding, MisuseCase made, History history) =>
        Plain($"{encoding}-misuse-{made.Id}-{history.Property}");

    /// <summary>The file of the trace.</summary>
    public static string TraceOf(string encoding, CheckInstance instance, History history) =>
        NameOf(encoding, instance, history) + HistoryFormats.Trace.File;

    private static string NameOf(string encoding, CheckInstance instance, History history) =>
        Plain($"{encoding}-{instance.Name}-{history.Property}");

    private static string Plain(string name) => string.Concat(name.Select(c => c is ':' or ',' or '=' ? '-' : c));
}
