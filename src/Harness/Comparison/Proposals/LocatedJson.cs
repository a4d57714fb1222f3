using System.Text;
using System.Text.Json;

namespace UapiLab.Harness.Comparisons;

/// <summary>A JSON value that knows its line, so that whatever is wrong with it can be said where it stands.</summary>
internal sealed class LocatedJson
{
    private readonly Dictionary<string, LocatedJson> members = [];
    private readonly List<LocatedJson> items = [];

    private LocatedJson(string file, int line, JsonTokenType kind, string text)
    {
        Place = Invariant($"{file}:{line}");
        Kind = kind;
        Text = text;
    }

    /// <summary><c>file:line</c>.</summary>
    public string Place { get; }

    /// <summary>What it is, by the token it begins with.</summary>
    public JsonTokenType Kind { get; }

    /// <summary>A string without its quotes, or a number as written.</summary>
    public string Text { get; }

    /// <summary>Members of an object.</summary>
    public IReadOnlyDictionary<string, LocatedJson> Members => members;

    /// <summary>Elements of an array.</summary>
    public IReadOnlyList<LocatedJson> Items => items;

    /// <summary>Reads a document; comments and trailing commas are errors.</summary>
    /// <exception cref="InputException">It is no JSON, or an object names a member twice.</exception>
    public static LocatedJson Parse(string file, ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        utf8 = utf8.StartsWith(mark) ? utf8[mark.Length..] : utf8;
        var reader = new Utf8JsonReader(utf8);
        try
        {
            Next(ref reader);
            var value = Read(file, utf8, ref reader);
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
            throw new InputException(Invariant($"{file}:{Line(utf8, reader.TokenStartIndex)}"), "expected text in UTF-8");
        }
    }

    /// <summary>The exception for this value.</summary>
    public InputException Wrong(string expected) => new(Place, expected);

    private static LocatedJson Read(string file, ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
            _ => "",
        };
        var value = new LocatedJson(file, Line(utf8, reader.TokenStartIndex), reader.TokenType, text);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndObject; Next(ref reader))
                {
                    var name = reader.GetString()!;
                    var at = Line(utf8, reader.TokenStartIndex);
                    Next(ref reader);
                    if (!value.members.TryAdd(name, Read(file, utf8, ref reader)))
                    {
                        throw new InputException(Invariant($"{file}:{at}"), $"'{name}' is given twice, expected once");
                    }
                }

                break;
            case JsonTokenType.StartArray:
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndArray; Next(ref reader))
                {
                    value.items.Add(Read(file, utf8, ref reader));
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

    private static int Line(ReadOnlySpan<byte> utf8, long position) => 1 + utf8[..(int)Math.Min(position, utf8.Length)].Count((byte)'\n');
}
