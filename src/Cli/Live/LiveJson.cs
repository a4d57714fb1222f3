using UapiLab.Harness.Foundation.Text;
using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>The same for programs; docs/schemas/live.schema.json.</summary>
internal static class LiveJson
{
    public static string Write(LiveSubject subject, Host? host, IReadOnlyList<LiveRow> rows) => JsonText.Write(new
    {
        SchemaVersion = 1,
        Live = subject.Encoding,
        Host = host?.Text,
        subject.Kvm,
        Sentences = subject.Answer(rows, host),
        Rows = rows.SelectMany(row => row.Metrics.Select((metric, i) => new
        {
            row.What.Encoding,
            subject.Kvm,
            row.What.Vcpus,
            row.What.IsShared,
            row.What.Threads,
            row.What.FetchNs,
            Metric = metric.Name,
            metric.IsTime,
            metric.IsDetermined,
            Measured = row.Measured?.Values[i],
            Simulated = row.Simulated.Values[i],
        })),
    });
}
