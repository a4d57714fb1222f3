using System.Globalization;
using System.Text.Json;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Checking;

/// <summary>A value within a JSON document, with its path from the root, so that whatever is wrong with it can be said exactly.</summary>
internal readonly struct JsonPlace(LocatedJson json, string path)
{
    /// <summary>A member that must be there.</summary>
    public JsonPlace this[string name]
    {
        get
        {
            Expect(JsonTokenType.StartObject, "an object");
            var at = path.Length == 0 ? name : $"{path}.{name}";
            return json.Members.TryGetValue(name, out var member) ? new(member, at) : throw json.Wrong($"expected a member {at}, found none");
        }
    }

    public string Text()
    {
        Expect(JsonTokenType.String, "a string");
        return json.Text;
    }

    public string? TextOrNull() => json.Kind == JsonTokenType.Null ? null
        : json.Kind == JsonTokenType.String ? json.Text : throw Wrong("a string or null");

    /// <summary>An integer within bounds; <paramref name="what"/> says where they come from.</summary>
    public int Number(int least, int most, string what = "")
    {
        var expected = Invariant($"an integer from {least}") + (most == int.MaxValue ? "" : Invariant($" to {most}")) + what;
        return json.Kind == JsonTokenType.Number && int.TryParse(json.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number : throw Wrong(expected);
    }

    public bool Boolean() => json.Kind is JsonTokenType.True or JsonTokenType.False
        ? json.Kind == JsonTokenType.True
        : throw Wrong("true or false");

    /// <summary>The elements of an array.</summary>
    public IReadOnlyList<T> List<T>(Func<JsonPlace, int, T> read)
    {
        Expect(JsonTokenType.StartArray, "an array");
        var at = path;
        return [.. json.Items.Select((item, i) => read(new(item, Invariant($"{at}[{i}]")), i))];
    }

    public InputException Wrong(string expected) => json.Wrong($"{(path.Length == 0 ? "the document" : path)}: expected {expected}, found {Found()}");

    private void Expect(JsonTokenType kind, string expected)
    {
        if (json.Kind != kind)
        {
            throw Wrong(expected);
        }
    }

    private string Found() => json.Kind switch
    {
        JsonTokenType.String => "'" + PlainText.Printable(json.Text) + "'",
        JsonTokenType.Number => json.Text,
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
