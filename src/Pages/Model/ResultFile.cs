using System.Text.Json;
using UapiLab.Harness.Foundation;

namespace UapiLab.Pages.Model;

/// <summary>What a page shows of a JSON file that a command wrote (docs/schemas). A page is made from files and from
/// nothing else, so one that is made later is the same.</summary>
public abstract record ResultFile
{
    /// <summary>Larger numbers, which nothing that is measured has, could not be computed with.</summary>
    private const decimal Largest = 1e18m;

    private const int Version = 1;

    /// <summary>The one list whose elements may be null.</summary>
    private const string MayHoldNull = "speedupOverNeverAsync";

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The kinds. A file is of the first whose member it has at the top.</summary>
    private static readonly (string Member, Type Kind, string Wrote)[] s_kinds =
    [
        ("workloads", typeof(ReportDocument), "a report.json that compare of this version wrote"),
        ("checks", typeof(CheckDocument), "what check --json of this version wrote"),
        ("concerns", typeof(ConcernsDocument), "what concerns --json of this version wrote"),
        ("live", typeof(LiveDocument), "what live --json of this version wrote"),
        ("series", typeof(PublishedDocument), "what compare --published --json of this version wrote"),
    ];

    /// <summary>The version that the file says it has, and the member that says so.</summary>
    internal abstract (string Member, int Version) VersionSaid { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="place">Its name, for messages.</param>
    /// <exception cref="InputException">A page cannot show it.</exception>
    public static ResultFile Read(ReadOnlySpan<byte> json, string place)
    {
        var wrote = ReportPage.Takes;
        try
        {
            var members = new HashSet<string>();
            if (Odd(json, members) is { } odd)
            {
                throw new InputException(Line(place, json, odd.At), odd.Expected);
            }

            var kind = s_kinds.FirstOrDefault(k => members.Contains(k.Member));
            if (kind.Kind is null)
            {
                throw new InputException(Line(place, json, 0), $"expected {ReportPage.Takes}");
            }

            wrote = kind.Wrote;
            var file = (ResultFile)JsonSerializer.Deserialize(json, kind.Kind, s_options)!;
            return file.VersionSaid is { Version: not Version } said
                ? throw new InputException(place, Invariant($"{said.Member} is {said.Version}, expected {Version}"))
                : file.Contradiction() is { } contradiction ? throw new InputException(place, contradiction)
                : file;
        }
        catch (JsonException e)
        {
            var line = e.LineNumber is { } at ? Invariant($":{at + 1}") : "";
            var what = e.Path is { Length: > 0 } path ? $" at {path}" : "";
            throw new InputException(place + line, $"expected {wrote}{what}");
        }
    }

    /// <summary>Where its parts contradict each other, and what was expected; null if they do not.</summary>
    internal abstract string? Contradiction();

    private static string Line(string place, ReadOnlySpan<byte> json, long at) =>
        Invariant($"{place}:{json[..(int)at].Count((byte)'\n') + 1}");

    /// <summary>The first value that the types of the parts do not exclude and a page cannot show.</summary>
    /// <param name="json">The text.</param>
    /// <param name="members">Is given the members at the top.</param>
    private static (long At, string Expected)? Odd(ReadOnlySpan<byte> json, HashSet<string> members)
    {
        var reader = new Utf8JsonReader(json);
        var containers = new Stack<string?>(); // the name of a list, null for an object
        var name = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName or JsonTokenType.String when !IsText(reader):
                    return (reader.TokenStartIndex, "expected text in UTF-8");
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    if (reader.CurrentDepth == 1)
                    {
                        members.Add(name);
                    }

                    break;
                case JsonTokenType.StartArray:
                    containers.Push(name);
                    break;
                case JsonTokenType.StartObject:
                    containers.Push(null);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    containers.Pop();
                    break;
                case JsonTokenType.Null when containers.TryPeek(out var list) && list is not (null or MayHoldNull):
                    return (reader.TokenStartIndex, $"expected no null in '{list}'");
                case JsonTokenType.Number
                    when name != "seed" && (!reader.TryGetDecimal(out var value) || Math.Abs(value) > Largest):
                    return (reader.TokenStartIndex, $"expected a number of at most 1e18 for '{name}'");
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>Whether the token that was read is no invalid UTF-8 and no half of a surrogate pair.</summary>
    private static bool IsText(Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
