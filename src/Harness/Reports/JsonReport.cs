using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Reports;

/// <summary>report.json. Layout: docs/report-format.md.</summary>
public static class JsonReport
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        // Nothing here is embedded in HTML, and '<=' should be readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The whole document, with a line feed at its end.</summary>
    public static string Write(ComparisonReport report, ReportContext context)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            Head(json, report);
            json.WriteArray("encodings", report.Encodings, Encoding);
            json.WriteArray("workloads", report.Workloads, Workload);
            json.WriteArray("cells", report.Cells, (j, cell) => JsonCell.Write(j, report, cell));
            json.WriteArray("policySearch", report.PolicySearches, JsonCell.Write);
            json.WriteArray("claims", report.Claims, JsonSections.Write);
            json.WriteArray("expectations", report.Expectations, JsonSections.Write);
            json.WriteStrings("statements", report.Statements);
            json.WriteArray("findings", report.Findings, (j, finding) =>
            {
                j.WriteStartObject();
                j.WriteString("workload", finding.Workload);
                j.WriteString("text", finding.Text);
                j.WriteEndObject();
            });
            JsonSections.Write(json, report.Sweep);
            JsonSections.Write(json, report.BreakEven);
            JsonSections.Write(json, report.Stability);
            JsonSections.Write(json, report.Costs);
            json.WriteNumber("runs", report.Runs);
            Context(json, context);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Head(Utf8JsonWriter json, ComparisonReport report)
    {
        json.WriteNumber("schemaVersion", ComparisonReport.SchemaVersion);
        json.WriteString("command", report.Command);
        json.WriteNumber("seed", report.Seed);
        json.WriteStrings("seeds", report.Seeds.Select(s => Invariant($"{s}")));
        json.WriteString("incomplete", report.Incomplete);
        json.WriteStrings("inputErrors", report.InputErrors);
        json.WriteStrings("internalErrors", report.InternalErrors);
        json.WriteString("baseline", report.Baseline);
        json.WriteString("oracle", report.Oracle);
    }

    private static void Encoding(Utf8JsonWriter json, EncodingEntry encoding)
    {
        json.WriteStartObject();
        json.WriteString("name", encoding.Name);
        json.WriteString("id", encoding.Description.Id);
        json.WriteStrings("options", encoding.Options);
        json.WriteNumber("version", encoding.Description.Version);
        json.WriteString("summary", encoding.Description.Summary);
        json.WriteString("origin", encoding.Description.Origin);
        json.WriteString("note", encoding.Note);
        json.WriteBoolean("neverPosted", encoding.IsNeverPosted);
        json.WriteBoolean("referencePoint", encoding.IsReferencePoint);
        json.WriteBoolean("reportedAsItComesOut", encoding.ReportedAsItComesOut);
        json.WriteNumber("bitsPerGfn", encoding.Description.BitsPerGfn);
        json.WriteNumber("stateBytesPerGiB", encoding.StateBytesPerGiB);
        json.WriteEndObject();
    }

    private static void Workload(Utf8JsonWriter json, WorkloadEntry workload)
    {
        json.WriteStartObject();
        json.WriteString("name", workload.Name);
        json.WriteString("policy", workload.Policy);
        json.WriteValue("predict", workload.Predict);
        json.WriteNumber("vcpus", workload.Vcpus);
        json.WriteNumber("tasksPerVcpu", workload.TasksPerVcpu);
        json.WriteNumber("gfns", workload.Gfns);
        json.WriteStrings("notes", workload.Notes);
        json.WriteEndObject();
    }

    private static void Context(Utf8JsonWriter json, ReportContext context)
    {
        json.WriteStrings("environment", context.Environment);
        json.WriteStartObject("timing");
        foreach (var (name, value) in context.Timing)
        {
            json.WriteValue(name, value);
        }

        json.WriteEndObject();
    }
}
