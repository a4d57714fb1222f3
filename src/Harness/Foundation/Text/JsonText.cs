using System.Text.Encodings.Web;
using System.Text.Json;

namespace UapiLab.Harness.Foundation.Text;

/// <summary>
/// JSON documents from plain objects. A writer states what a document holds as an anonymous object: its members come in
/// the order in which they stand there, their names in camel case, null as null.
/// </summary>
public static class JsonText
{
    /// <summary>Indented, and every character as itself that JSON allows: '<![CDATA[<=]]>' and '->' should be
    /// readable.</summary>
    public static JsonSerializerOptions Readable { get; } = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Indented, with escapes for all that is not ASCII or has a meaning in HTML.</summary>
    public static JsonSerializerOptions Ascii { get; } = new(Readable) { Encoder = JavaScriptEncoder.Default };

    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(object document, JsonSerializerOptions? options = null) =>
        JsonSerializer.Serialize(document, options ?? Readable) + "\n";

    /// <summary>An object whose member names are data, such as options or counts, in their order.</summary>
    public static OrderedDictionary<string, T> Object<T>(IEnumerable<KeyValuePair<string, T>> members) => new(members);
}
