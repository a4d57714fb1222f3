using System.Text.Json;
using UapiLab.Harness.Conformance;

namespace UapiLab.Cli.Conform;

/// <summary>Verdicts as JSON (docs/conform.md).</summary>
internal static class ConformJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n" };

    public static void Write(TextWriter output, IEnumerable<ConformReport> reports)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_options))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteStartArray("traces");
            foreach (var report in reports)
            {
                One(json, report);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void One(Utf8JsonWriter json, ConformReport report)
    {
        json.WriteStartObject();
        json.WriteString("file", report.File);
        json.WriteString("machine", report.Machine);
        json.WriteString("verdict", report.Verdict switch
        {
            ConformVerdict.Accepted => "accepted",
            ConformVerdict.Rejected => "rejected",
            _ => "not decided",
        });
        Rejection(json, report.Rejection);
        json.WriteString("bound", report.Bound);
        Strings(json, "scenarios", report.Scenarios);
        json.WriteNumber("events", report.Events);
        json.WriteNumber("explained", report.Explained);
        json.WriteNumber("vcpus", report.Vcpus);
        json.WriteNumber("width", report.Width);
        json.WriteNumber("gaps", report.Gaps);
        json.WriteNumber("missing", report.Missing);
        Counts(json, "projected", report.Projected);
        Counts(json, "unknown", report.UnknownEvents);
        Strings(json, "unobserved", report.Unobserved);
        Counts(json, "explainedEvents", report.ExplainedEvents);
        Counts(json, "rules", report.Rules);
        json.WriteEndObject();
    }

    private static void Rejection(Utf8JsonWriter json, ConformRejection? rejection)
    {
        if (rejection is null)
        {
            json.WriteNull("rejection");
            return;
        }

        json.WriteStartObject("rejection");
        json.WriteNumber("event", rejection.Number);
        json.WriteNumber("line", rejection.Line);
        json.WriteString("seen", rejection.Text);
        json.WriteString("rule", rejection.Rule);
        json.WriteString("allowed", rejection.Allowed);
        Strings(json, "state", rejection.State);
        json.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, long> counts)
    {
        json.WriteStartObject(name);
        foreach (var (key, count) in counts)
        {
            json.WriteNumber(key, count);
        }

        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
