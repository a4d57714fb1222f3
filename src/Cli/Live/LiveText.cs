using System.Text;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>What <c>live</c> prints: the answer, and measured beside simulated.</summary>
internal static class LiveText
{
    public static string Write(LiveSubject subject, Host? host, IReadOnlyList<LiveRow> rows, int width)
    {
        var text = new StringBuilder();
        void Add(string line) => text.Append(line.TrimEnd()).Append('\n');
        foreach (var line in WordWrap.Fill(string.Join(' ', subject.Answer(rows, host)), width).Append(""))
        {
            Add(line);
        }

        var first = rows.Select(r => r.What.Label.Length).Append(subject.Column.Length).Max();
        string Mark(bool isDetermined) => subject.Kvm != "emulated" ? ""
            : "  KVM emulated" + (isDetermined ? ", determined" : "");
        Add($"{subject.Column.PadLeft(first)}  {"metric",-12} {"measured",10} {"simulated",10} {"ratio",6}"
            + Mark(isDetermined: false));
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Metrics.Count; i++)
            {
                var metric = row.Metrics[i];
                var ratio = row.Ratio(i) is { } r ? Invariant($"{r:0.00}") : "-";
                Add($"{row.What.Label.PadLeft(first)}  {metric.Name,-12} {Value(metric, row.Measured?.Values[i]),10} "
                    + $"{Value(metric, row.Simulated.Values[i]),10} {ratio,6}{Mark(metric.IsDetermined)}");
            }
        }

        return text.ToString();
    }

    private static string Value(LiveMetric metric, double? value) => value is not { } known ? "-"
        : metric.IsTime ? Durations.Format((long)known) : Invariant($"{known:0}");
}
