using System.Text.Json;
using System.Text.RegularExpressions;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>A JSON Schema of this repository. It knows the keywords that these use, and refuses any other. It is
/// stricter than JSON Schema: an object has no member besides those that its schema names, though a reader should
/// ignore it.</summary>
internal sealed class JsonSchema
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly JsonElement _root;

    private JsonSchema(JsonElement root) => _root = root;

    /// <param name="path">From the root of the repository.</param>
    public static JsonSchema Read(string path) =>
        new(JsonDocument.Parse(File.ReadAllText(Path.Combine(GeneratedDoc.Root(), path))).RootElement);

    /// <summary>What it is the schema of.</summary>
    public string Title => _root.GetProperty("title").GetString()!;

    /// <summary>What a document has that the schema does not allow, each with its place.</summary>
    public IReadOnlyList<string> Complaints(string document)
    {
        using var json = JsonDocument.Parse(document);
        return [.. Complaints(_root, json.RootElement, "$")];
    }

    /// <summary>Members that the schema names and does not require, as object.member.</summary>
    public IEnumerable<string> Optional() => Optional(_root, "$");

    private IEnumerable<string> Complaints(JsonElement schema, JsonElement value, string place) =>
        schema.EnumerateObject().SelectMany(k => Complaints(schema, k.Name, k.Value, value, place));

    private IEnumerable<string> Complaints(JsonElement schema, string keyword, JsonElement says, JsonElement value,
        string place)
    {
        string[] Unless(bool isMet) => isMet ? [] : [$"{place}: {keyword} {says.GetRawText()}"];
        var isObject = value.ValueKind == JsonValueKind.Object;
        switch (keyword)
        {
            case "$schema" or "$id" or "$defs" or "title" or "description":
                return [];
            case "$ref":
                var name = says.GetString()!.Split('/')[^1];
                return Complaints(_root.GetProperty("$defs").GetProperty(name), value, place);
            case "anyOf":
                return says.EnumerateArray().Select(s => Complaints(s, value, place).ToArray())
                    .MinBy(c => c.Length) ?? [];
            case "type":
                return Unless(says.ValueKind == JsonValueKind.Array
                    ? says.EnumerateArray().Any(t => Is(t, value)) : Is(says, value));
            case "const":
                return Unless(JsonElement.DeepEquals(says, value));
            case "enum":
                return Unless(says.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)));
            case "minimum":
                return Unless(value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= says.GetDecimal());
            case "minLength":
                return Unless(value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= says.GetInt32());
            case "pattern":
                return Unless(value.ValueKind != JsonValueKind.String
                    || Regex.IsMatch(value.GetString()!, says.GetString()!, RegexOptions.None, s_patience));
            case "items":
                return value.ValueKind != JsonValueKind.Array ? []
                    : value.EnumerateArray().SelectMany((item, at) => Complaints(says, item, $"{place}[{at}]"));
            case "required":
                return !isObject ? [] : says.EnumerateArray().Select(m => m.GetString()!)
                    .Where(m => !value.TryGetProperty(m, out _)).Select(m => $"{place}.{m}: missing");
            case "properties":
                return !isObject ? [] : value.EnumerateObject().SelectMany(m =>
                    says.TryGetProperty(m.Name, out var member) ? Complaints(member, m.Value, $"{place}.{m.Name}")
                    : [$"{place}.{m.Name}: not in the schema"]);
            case "additionalProperties":
                // Beside "properties" it is false, and those say so.
                return !isObject || schema.TryGetProperty("properties", out _) ? []
                    : value.EnumerateObject().SelectMany(m => Complaints(says, m.Value, $"{place}.{m.Name}"));
            default:
                return [$"{place}: this reader does not know the keyword {keyword}"];
        }
    }

    private static bool Is(JsonElement type, JsonElement value) => type.GetString() switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            && number == decimal.Truncate(number),
        _ => false,
    };

    private static IEnumerable<string> Optional(JsonElement schema, string name)
    {
        var required = schema.TryGetProperty("required", out var those)
            ? those.EnumerateArray().Select(m => m.GetString()!).ToHashSet() : [];
        return schema.EnumerateObject().SelectMany(k => k.Name switch
        {
            "properties" => k.Value.EnumerateObject().SelectMany(m =>
                Optional(m.Value, m.Name).Concat(required.Contains(m.Name) ? [] : [$"{name}.{m.Name}"])),
            "$defs" => k.Value.EnumerateObject().SelectMany(m => Optional(m.Value, m.Name)),
            "anyOf" => k.Value.EnumerateArray().SelectMany(s => Optional(s, name)),
            "items" or "additionalProperties" => Optional(k.Value, name),
            _ => [],
        });
    }
}
