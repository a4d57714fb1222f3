using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Shards;

/// <summary>What a shard writes (docs/schemas/shard.schema.json).</summary>
/// <param name="Schema">1.</param>
/// <param name="Answer">What a person would say of it, and what is missing.</param>
/// <param name="Command">The command without what says how it is run, as words.</param>
/// <param name="Shard">Which, from 1.</param>
/// <param name="Of">Of how many.</param>
/// <param name="Run">What shards of one run have in common: what decides the result, by name.</param>
/// <param name="Units">Units of the whole.</param>
/// <param name="Missing">Units that are not in this file.</param>
/// <param name="Results">The units that are.</param>
/// <param name="Digest">SHA-256 of the document with nothing here.</param>
internal sealed record ShardFile(int Schema, string Answer, IReadOnlyList<string> Command, int Shard, int Of,
    OrderedDictionary<string, string> Run, int Units, int Missing, IReadOnlyList<ShardUnit> Results, string Digest)
{
    /// <summary>Bytes of a file that decides or holds results: two million runs.</summary>
    public const int Largest = 1 << 30;

    private const string Expected = "a file that --shard has written";

    private static readonly JsonSerializerOptions s_options = new(JsonText.Readable)
    {
        WriteIndented = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The name of the file.</summary>
    [JsonIgnore]
    public string Name => NameOf(Shard, Of);

    /// <summary>A result of a unit.</summary>
    public static JsonElement Value<T>(T result) => JsonSerializer.SerializeToElement(result, s_options);

    /// <summary>The same again.</summary>
    public static T? Read<T>(JsonElement value) => value.Deserialize<T>(s_options);

    /// <summary>The file's text.</summary>
    public string Write() => JsonText.Write(this with { Digest = DigestOf() }, s_options);

    /// <summary>Reads shards that together are a run: all of it, each once.</summary>
    /// <exception cref="InputException">One of them is no shard, was altered, is of another run, is missing or is there
    /// twice.</exception>
    public static IReadOnlyList<ShardFile> ReadAll(IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var read = paths.Select(path => (Path: path, File: ReadOne(path, cancellation))).ToArray();
        var (firstPath, first) = read[0];
        var places = new Dictionary<int, string>();
        foreach (var (path, file) in read)
        {
            foreach (var (name, value) in Common(first))
            {
                var other = Common(file).GetValueOrDefault(name, "nothing");
                if (other != value)
                {
                    throw new InputException(path, $"{name} is {other}, expected {value} as in {firstPath}");
                }
            }

            if (!places.TryAdd(file.Shard, path))
            {
                throw new InputException(path,
                    Invariant($"is shard {file.Shard}/{file.Of} again, expected it once: {places[file.Shard]}"));
            }
        }

        var missing = Enumerable.Range(1, first.Of).Where(k => !places.ContainsKey(k)).ToArray();
        return missing is [var lacking, ..]
            ? throw new InputException(NameOf(lacking, first.Of), Invariant($"is missing: expected {first.Of} shards, ")
                + Invariant($"as {firstPath} is {first.Shard}/{first.Of}"))
            : [.. read.Select(r => r.File).OrderBy(f => f.Shard)];
    }

    private static string NameOf(int shard, int of) => Invariant($"shard-{shard}-of-{of}.json");

    /// <summary>What all shards of a run say alike.</summary>
    private static Dictionary<string, string> Common(ShardFile file) =>
        file.Run.Append(new("command", string.Join(' ', file.Command)))
            .Append(new("number of shards", Invariant($"{file.Of}"))).Append(new("units", Invariant($"{file.Units}")))
            .ToDictionary();

    private static ShardFile ReadOne(string path, CancellationToken cancellation)
    {
        var utf8 = InputFile.Read(path, Expected, cancellation, Largest);
        ShardFile? file;
        try
        {
            file = JsonSerializer.Deserialize<ShardFile>(utf8, s_options);
        }
        catch (JsonException e)
        {
            throw new InputException(path, $"expected {Expected}: {e.Message}");
        }

        if (file is not { Schema: 1, Command.Count: > 0, Run: not null, Results: not null, Digest: not null, Of: > 0 })
        {
            throw new InputException(path, $"expected {Expected}");
        }

        return file.Digest == file.DigestOf() ? file
            : throw new InputException(path, "its digest is of other content, expected the file as it was written");
    }

    private string DigestOf() => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this with { Digest = "" }, s_options))));
}

/// <summary>What became of a unit.</summary>
/// <param name="Unit">Its number, from 0.</param>
/// <param name="Name">What it is.</param>
/// <param name="Value">What came of it.</param>
internal sealed record ShardUnit(int Unit, string Name, JsonElement Value);
