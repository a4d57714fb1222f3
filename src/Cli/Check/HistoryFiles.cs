using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation.Text;

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

    /// <summary>The file of the trace.</summary>
    public static string TraceOf(string encoding, CheckInstance instance, History history) =>
        NameOf(encoding, instance, history) + HistoryFormats.Trace.File;

    private static string NameOf(string encoding, CheckInstance instance, History history) => string.Concat(
        $"{encoding}-{instance.Name}-{history.Property}".Select(c => c is ':' or ',' or '=' ? '-' : c));
}
