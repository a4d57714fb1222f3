using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Check;

/// <summary>Histories as the files of <see cref="HistoryFormats"/>.</summary>
internal static class HistoryFiles
{
    /// <returns>The traces, for the reader's next command.</returns>
    public static IReadOnlyList<string> Write(string directory, CheckOutcome outcome)
    {
        var traces = new List<string>();
        foreach (var history in outcome.Histories)
        {
            Directory.CreateDirectory(directory);
            var name = string.Concat(
                $"{outcome.Encoding}-{outcome.Instance.Name}-{history.Property}".Select(c => c is ':' or ',' or '='
                ? '-' : c));
            var path = Path.Combine(directory, name);
            foreach (var format in HistoryFormats.All)
            {
                File.WriteAllText(path + format.File, format.Write(history));
            }

            traces.Add(path + HistoryFormats.Trace.File);
        }

        return traces;
    }
}
