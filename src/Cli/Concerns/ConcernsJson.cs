using System.Text.Json;
using System.Text.Json.Serialization;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Concerns;

/// <summary>Cells as JSON, and back.</summary>
internal static class ConcernsJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonText.Readable)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <param name="answer">The cells, understood.</param>
    /// <param name="concerns">What was asked, in order.</param>
    public static string Write(ConcernsAnswer answer, IEnumerable<IConcern> concerns) => JsonText.Write(
        new
        {
            schema = 1,
            answer = answer.Json,
            concerns = concerns.Select(c => new { c.Id, c.Title, c.Question }),
            cells = answer.Cells,
        },
        s_options);

    public static string Write(ConcernCell cell) => JsonSerializer.Serialize(cell, s_options);

    /// <returns>Null if it is not a cell.</returns>
    public static ConcernCell? Read(byte[] utf8)
    {
        try
        {
            // Members that are missing are found by what would be written of it.
            return JsonSerializer.Deserialize<ConcernCell>(utf8, s_options) is { } cell
                && Write(cell) == System.Text.Encoding.UTF8.GetString(utf8) ? cell : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
