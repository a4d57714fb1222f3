using System.Text.Json;
using UapiLab.Harness.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>Cells as JSON, and back.</summary>
internal static class ConcernsJson
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(IReadOnlyList<ConcernCell> cells) => JsonSerializer.Serialize(new { schema = 1, cells }, s_options) + "\n";

    public static string Write(ConcernCell cell) => JsonSerializer.Serialize(cell, s_options);

    /// <returns>Null if it is not a cell.</returns>
    public static ConcernCell? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<ConcernCell>(text, s_options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
