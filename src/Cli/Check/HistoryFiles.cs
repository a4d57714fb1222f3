using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Check;

/// <summary>Histories as the files of <see cref="HistoryFormats"/>.</summary>
internal static class HistoryFiles
{
    /// <returns>The traces, for the reader's next command.</returns>
    public static IReadOnlyList<string> Write(OutputFolder folder, CheckOutcome outcome)
    {
        var traces = new List<string>();
        foreach (var history in outcome.Histories)
        {
            var name = NameOf(outcome, history);
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
    public static string TraceOf(CheckOutcome outcome, History history) =>
        NameOf(outcome, history) + HistoryFormats.Trace.File;

    private static string NameOf(CheckOutcome outcome, History history) => string.Concat(
        $"{outcome.Encoding}-{outcome.Instance.Name}-{history.Property}".Select(c => c is ':' or ',' or '=' ? '-' : c));
}
