using System.Globalization;
using System.Text.Json;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Foundation.Json;

/// <summary>A value of a JSON document with its line and its path from the root, so that a message can say exactly what
/// is wrong with it.</summary>
internal sealed class JsonPlace
{
    private readonly Dictionary<string, JsonPlace> _members = [];
    private readonly List<JsonPlace> _items = [];
    private readonly string _path;

    private JsonPlace(string file, int line, string path, JsonTokenType kind, string raw)
    {
        Place = Invariant($"{file}:{line}");
        _path = path;
        Kind = kind;
        Raw = raw;
    }

    /// <summary><c>file:line</c>.</summary>
    public string Place { get; }

    /// <summary>What it is, by the token it begins with.</summary>
    public JsonTokenType Kind { get; }

    /// <summary>A string without its quotes, or a number as written.</summary>
    public string Raw { get; }

    /// <summary>Members of an object.</summary>
    public IReadOnlyDictionary<string, JsonPlace> Members => _members;

    /// <summary>Elements of an array.</summary>
    public IReadOnlyList<JsonPlace> Items => _items;

    /// <summary>A member that must be there.</summary>
    public JsonPlace this[string name]
    {
        get
        {
            Expect(JsonTokenType.StartObject, "an object");
            return _members.GetValueOrDefault(name) ?? throw WrongAt($"expected a member {Below(name)}, found none");
        }
    }

    /// <summary>Reads a document; comments and trailing commas are errors.</summary>
    /// <exception cref="InputException">It is no JSON, or an object names a member twice.</exception>
    public static JsonPlace Parse(string file, ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        utf8 = utf8.StartsWith(mark) ? utf8[mark.Length..] : utf8;
        var reader = new Utf8JsonReader(utf8);
        try
        {
            Next(ref reader);
            var value = Read(file, utf8, ref reader, "");
            reader.Read(); // throws if anything follows
            return value;
        }
        catch (JsonException e)
        {
            var reason = e.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
            throw new InputException(Invariant($"{file}:{(e.LineNumber ?? 0) + 1}"), $"expected JSON, found {reason}");
        }
        catch (InvalidOperationException)
        {
            // Invalid UTF-8 or an unpaired surrogate within a string.
            var line = Line(utf8, reader.TokenStartIndex);
            throw new InputException(Invariant($"{file}:{line}"), "expected text in UTF-8");
        }
    }

    /// <summary>A document whose members <c>format</c> and <c>schemaVersion</c> must say what is read.</summary>
    public static JsonPlace Parse(string file, ReadOnlySpan<byte> utf8, string format, int schemaVersion)
    {
        var root = Parse(file, utf8);
        if (root["format"].Text() != format)
        {
            throw root["format"].Wrong($"'{format}'");
        }

        root["schemaVersion"].Number(schemaVersion, schemaVersion, ", the only schema this version reads");
        return root;
    }

    public string Text()
    {
        Expect(JsonTokenType.String, "a string");
        return Raw;
    }

    public string? TextOrNull() => Kind switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => Raw,
        _ => throw Wrong("a string or null"),
    };

    /// <summary>An integer within bounds; <paramref name="what"/> says where they come from.</summary>
    public int Number(int least, int most, string what = "")
    {
        var upTo = most == int.MaxValue ? "" : Invariant($" to {most}");
        return Kind == JsonTokenType.Number
            && int.TryParse(Raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw Wrong(Invariant($"an integer from {least}{upTo}{what}"));
    }

    public bool Boolean() => Kind is JsonTokenType.True or JsonTokenType.False
        ? Kind == JsonTokenType.True
        : throw Wrong("true or false");

    /// <summary>The elements of an array.</summary>
    public IReadOnlyList<T> List<T>(Func<JsonPlace, int, T> read)
    {
        Expect(JsonTokenType.StartArray, "an array");
        return [.. _items.Select(read)];
    }

    /// <summary>The exception for this value, with its path, what was expected and what was found.</summary>
    public InputException Wrong(string expected) =>
        WrongAt($"{(_path.Length == 0 ? "the document" : _path)}: expected {expected}, found {Found()}");

    /// <summary>The exception for this value, in other words.</summary>
    public InputException WrongAt(string message) => new(Place, message);

    private static JsonPlace Read(string file, ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader, string path)
    {
        var raw = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
            _ => "",
        };
        var value = new JsonPlace(file, Line(utf8, reader.TokenStartIndex), path, reader.TokenType, raw);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndObject; Next(ref reader))
                {
                    var name = reader.GetString()!;
                    var at = Line(utf8, reader.TokenStartIndex);
                    Next(ref reader);
                    if (!value._members.TryAdd(name, Read(file, utf8, ref reader, value.Below(name))))
                    {
                        throw new InputException(Invariant($"{file}:{at}"), $"'{name}' is given twice, expected once");
                    }
                }

                break;
            case JsonTokenType.StartArray:
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndArray; Next(ref reader))
                {
                    value._items.Add(Read(file, utf8, ref reader, Invariant($"{path}[{value._items.Count}]")));
                }

                break;
        }

        return value;
    }

    private static void Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw new JsonException("end of file");
        }
    }

    private static int Line(ReadOnlySpan<byte> utf8, long position) =>
        1 + utf8[..(int)Math.Min(position, utf8.Length)].Count((byte)'\n');

    private string Below(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private void Expect(JsonTokenType kind, string expected)
    {
        if (Kind != kind)
        {
            throw Wrong(expected);
        }
    }

    private string Found() => Kind switch
    {
        JsonTokenType.String => "'" + CleanText.Printable(Raw) + "'",
        JsonTokenType.Number => Raw,
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
