using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using UapiLab.Harness.Reports;

namespace UapiLab.Harness.Checking;

/// <summary>A history as JSON, to be read by <see cref="HistoryReader"/> and replayed. Layout: docs/history-format.md.</summary>
public static class HistoryJson
{
    /// <summary>What the member <c>format</c> says.</summary>
    public const string Format = "uapilab-history";

    /// <summary>Grows when a member changes its meaning or goes away, not when one is added.</summary>
    public const int SchemaVersion = 1;

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        // Nothing here is embedded in HTML, and '->' should be readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(History history)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("schemaVersion", SchemaVersion);
            json.WriteString("property", history.Property);
            json.WriteString("propertyDoc", history.PropertyDoc);
            json.WriteString("outcome", history.Outcome);
            json.WriteString("encoding", history.Encoding);
            json.WriteString("encodingVersion", history.EncodingVersion);
            json.WriteString("machineVersion", history.MachineVersion);
            json.WriteArray("instance", history.Instance, (j, parameter) =>
            {
                j.WriteStartObject();
                j.WriteString("name", parameter.Key);
                j.WriteString("value", parameter.Value);
                j.WriteEndObject();
            });
            json.WriteStrings("lanes", history.Lanes);
            json.WriteArray("steps", history.Steps, Step);
            json.WriteNumber("inevitableFrom", history.InevitableFrom);
            json.WriteArray("waiting", history.Waiting, Waiting);
            json.WriteString("beyondArmV8", history.BeyondArmV8);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Step(Utf8JsonWriter json, HistoryStep step)
    {
        json.WriteStartObject();
        json.WriteNumber("number", step.Number);
        json.WriteNumber("actor", step.Actor);
        json.WriteArray("choices", step.Choices, (j, choice) => j.WriteNumberValue(choice));
        json.WriteNumber("lane", step.Lane);
        json.WriteString("text", step.Text);
        json.WriteString("source", step.Source);
        json.WriteString("rule", step.Rule);
        json.WriteArray("changes", step.Changes, (j, change) =>
        {
            j.WriteStartObject();
            j.WriteString("field", change.Field);
            j.WriteString("before", change.Before);
            j.WriteString("after", change.After);
            j.WriteEndObject();
        });
        json.WriteStrings("events", step.Events);
        json.WriteEndObject();
    }

    private static void Waiting(Utf8JsonWriter json, WaitingFor waiting)
    {
        json.WriteStartObject();
        json.WriteNumber("lane", waiting.Lane);
        json.WriteString("for", waiting.For);
        json.WriteString("wouldWake", waiting.WouldWake);
        json.WriteEndObject();
    }
}
