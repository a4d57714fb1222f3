using System.Globalization;
using System.Text.Json;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Foundation.Json;

/// <summary>A value of a JSON document with its line and its path from the root, so that a message can say exactly what
/// is wrong with it.</summary>
internal sealed class JsonPlace
{
    private static readonly Dictionary<string, JsonPlace> s_noMembers = [];

    private readonly string _file;
    private readonly int _line;
    private readonly JsonPlace? _parent;
    private readonly string? _name;
    private readonly int _index;
    private Dictionary<string, JsonPlace>? _members;
    private List<JsonPlace>? _items;

    private JsonPlace(string file, int line, JsonPlace? parent, string? name, JsonTokenType kind, string raw)
    {
        _file = file;
        _line = line;
        _parent = parent;
        _name = name;
        _index = parent?._items?.Count ?? 0;
        Kind = kind;
        Raw = raw;
    }

    /// <summary><c>file:line</c>.</summary>
    public string Place => Invariant($"{_file}:{_line}");

    /// <summary>What it is, by the token it begins with.</summary>
    public JsonTokenType Kind { get; }

    /// <summary>A string without its quotes, or a number as written.</summary>
    public string Raw { get; }

    /// <summary>Members of an object.</summary>
    public IReadOnlyDictionary<string, JsonPlace> Members => _members ?? s_noMembers;

    /// <summary>Elements of an array.</summary>
    public IReadOnlyList<JsonPlace> Items => _items ?? [];

    /// <summary>A member that must be there.</summary>
    public JsonPlace this[string name]
    {
        get
        {
            Expect(JsonTokenType.StartObject, "an object");
            return Members.GetValueOrDefault(name) ?? throw WrongAt($"expected a member {Below(name)}, found none");
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
            var lines = new LineCounter(utf8);
            var value = Read(file, ref reader, ref lines, parent: null, name: null);
            reader.Read(); // throws if anything follows
            return value;
        }
        catch (JsonException e)
        {
            // The parser appends where it was, in its own words and counted from 0, and quotes what it could not read
            // to the end of the file.
            var reason = e.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
            throw new InputException(Invariant($"{file}:{(e.LineNumber ?? 0) + 1}"),
                $"expected JSON, found {CleanText.Short(reason, 120)}");
        }
        catch (InvalidOperationException)
        {
            // Invalid UTF-8 or an unpaired surrogate within a string.
            throw new InputException(
                Invariant($"{file}:{new LineCounter(utf8).At(reader.TokenStartIndex)}"), "expected text in UTF-8");
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

    /// <summary>A text that is one line without control characters, such as a name.</summary>
    public string Line()
    {
        var text = Text();
        return CleanText.IsLine(text) ? text : throw Wrong("one line without control characters");
    }

    public string? TextOrNull() => Kind switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => Raw,
        _ => throw Wrong("a string or null"),
    };

    /// <summary>A member that may be missing.</summary>
    public string? TextOrNull(string name) => Members.GetValueOrDefault(name)?.TextOrNull();

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
        return [.. Items.Select(read)];
    }

    /// <summary>The exception for this value, with its path, what was expected and what was found.</summary>
    public InputException Wrong(string expected) =>
        WrongAt($"{(_parent is null ? "the document" : Path)}: expected {expected}, found {Found()}");

    /// <summary>The exception for this value, in other words.</summary>
    public InputException WrongAt(string message) => new(Place, message);

    private static JsonPlace Read(string file, ref Utf8JsonReader reader, ref LineCounter lines, JsonPlace? parent,
        string? name)
    {
        var raw = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
            _ => "",
        };
        var value = new JsonPlace(file, lines.At(reader.TokenStartIndex), parent, name, reader.TokenType, raw);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                value._members = [];
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndObject; Next(ref reader))
                {
                    var member = reader.GetString()!;
                    var at = lines.At(reader.TokenStartIndex);
                    Next(ref reader);
                    if (!value._members.TryAdd(member, Read(file, ref reader, ref lines, value, member)))
                    {
                        throw new InputException(Invariant($"{file}:{at}"),
                            $"'{CleanText.Short(member)}' is given twice, expected once");
                    }
                }

                break;
            case JsonTokenType.StartArray:
                value._items = [];
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndArray; Next(ref reader))
                {
                    value._items.Add(Read(file, ref reader, ref lines, value, name: null));
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

    private string Path => _parent is null ? ""
        : _name is null ? Invariant($"{_parent.Path}[{_index}]")
        : _parent.Below(_name);

    private string Below(string name) => _parent is null ? name : $"{Path}.{name}";

    private void Expect(JsonTokenType kind, string expected)
    {
        if (Kind != kind)
        {
            throw Wrong(expected);
        }
    }

    private string Found() => Kind switch
    {
        JsonTokenType.String => "'" + CleanText.Short(Raw) + "'",
        JsonTokenType.Number => CleanText.Short(Raw),
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };

    /// <summary>Numbers of lines for positions that only grow, each byte looked at once.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private int _position;
        private int _line = 1;

        public int At(long position)
        {
            var to = (int)Math.Min(position, _utf8.Length);
            _line += _utf8[_position..to].Count((byte)'\n');
            _position = to;
            return _line;
        }
    }
}
