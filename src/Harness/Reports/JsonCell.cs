using System.Text.Json;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Reports;

/// <summary>Cells and policy searches of report.json.</summary>
internal static class JsonCell
{
    public static void Write(Utf8JsonWriter json, ComparisonReport report, Cell cell)
    {
        json.WriteStartObject();
        json.WriteString("encoding", cell.Encoding);
        json.WriteStrings("options", report.EncodingOf(cell.Encoding).Options);
        json.WriteString("workload", cell.Workload);
        json.WriteString("policy", cell.Policy);
        json.WriteString("policyRole", cell.Role == PolicyRole.Common ? "common" : "best");
        json.WriteValue("predict", cell.Predict);
        json.WriteStartObject("metrics");
        foreach (var (metric, value) in cell.Metrics)
        {
            json.WriteSummary(metric.Name, value);
        }

        json.WriteEndObject();
        json.WriteStartObject("violations");
        foreach (var (name, count) in cell.Violations)
        {
            json.WriteNumber(name, count);
        }

        json.WriteEndObject();
        json.WriteString("error", cell.Error);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, PolicySearch search)
    {
        json.WriteStartObject();
        json.WriteString("encoding", search.Encoding);
        json.WriteString("workload", search.Workload);
        json.WriteValue("predict", search.Predict);
        json.WriteArray("policies", search.Outcomes, (j, outcome) =>
        {
            j.WriteStartObject();
            j.WriteString("policy", outcome.Policy);
            j.WriteValue("elapsedNs", outcome.ElapsedNs);
            j.WriteStartObject("violations");
            foreach (var (name, count) in outcome.Violations)
            {
                j.WriteNumber(name, count);
            }

            j.WriteEndObject();
            j.WriteString("error", outcome.Error);
            j.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
