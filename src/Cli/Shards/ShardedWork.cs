using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Shards;

/// <summary>Work in units: the part that a shard does, or what shards brought of it. A command declares its units, in
/// their order, and what else decides their results; this numbers, names, writes, reads and compares.</summary>
internal sealed class ShardedWork
{
    private readonly ShardRequest _request;
    private readonly IReadOnlyList<string> _command;
    private readonly IReadOnlyList<string> _units;
    private readonly OrderedDictionary<string, string> _run;
    private readonly Dictionary<int, JsonElement> _known = [];

    /// <param name="request">What is asked.</param>
    /// <param name="command">The command that does all of it, as words.</param>
    /// <param name="units">The units in their order.</param>
    /// <param name="inputs">What else decides the results: a name, and the whole content.</param>
    /// <exception cref="InputException">The shards to be merged are not of this run.</exception>
    public ShardedWork(ShardRequest request, IReadOnlyList<string> command, IReadOnlyList<string> units,
        params IEnumerable<(string Name, string Content)> inputs)
    {
        _request = request;
        _command = command;
        _units = units;
        _run = new()
        {
            ["version"] = RunContext.Version,
            ["code"] = Hash(CodeIdentity.Of(typeof(ShardedWork).Assembly)),
        };
        foreach (var (name, content) in inputs)
        {
            // A number is easier to compare for whoever reads that two differ.
            _run[name] = content.Length <= 20 ? content : Hash(content);
        }

        _run["plan"] = Hash(string.Join('\n', units));
        if (request.Files.Count > 0)
        {
            Take(ShardFile.ReadAll(request.Files, CancellationToken.None));
        }
    }

    /// <summary>Whether a shard does the unit.</summary>
    public bool Takes(int unit) => _request.Shard!.Takes(unit);

    /// <summary>What shards brought, by unit; nothing if there are none.</summary>
    /// <param name="isWhole">Whether every unit has a result.</param>
    /// <exception cref="InputException">One has not.</exception>
    public IReadOnlyDictionary<int, T> Known<T>(bool isWhole)
    {
        var lacking = isWhole && _request.Files.Count > 0
            ? _units.Index().FirstOrDefault(u => !_known.ContainsKey(u.Index)).Item : null;
        return lacking is null ? _known.ToDictionary(k => k.Key, k => ShardFile.Read<T>(k.Value)!)
            : throw new InputException(ShardRequest.Merging, $"expected a result of {lacking} in one of the shards");
    }

    /// <summary>Writes what the shard has done, and says so.</summary>
    /// <returns>The exit code.</returns>
    public int Write<T>(Terminal terminal, string directory, bool quiet, IEnumerable<KeyValuePair<int, T>> results)
    {
        var shard = _request.Shard!;
        ShardUnit[] units = [.. results.OrderBy(r => r.Key)
            .Select(r => new ShardUnit(r.Key, _units[r.Key], ShardFile.Value(r.Value)))];
        var answer = Invariant($"Shard {shard}: {units.Length} of {_units.Count} units; ")
            + Invariant($"{_units.Count - units.Length} are not in it.");
        var file = new ShardFile(1, answer, _command, shard.Number, shard.Of, _run, _units.Count,
            _units.Count - units.Length, units, "");
        var folder = new OutputFolder(terminal.Error, directory);
        var path = folder.Write(file.Name, file.Write());
        if (!quiet && path is not null)
        {
            terminal.Out.WriteLine($"{answer} {path}\nWith all {shard.Of}: uapilab merge {directory}");
        }

        return folder.Exit(ExitCode.Fine);
    }

    /// <summary>Files that a command names, as an input: their names do not say what is in them.</summary>
    public static (string Name, string Content) Content(string name, IEnumerable<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in paths.SelectMany(FilesOf))
        {
            if (new FileInfo(file) is { Exists: true, Length: 0 })
            {
                throw new InputException(file, "expected a file that can be read once more, which shards need");
            }

            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(InputFile.Read(file, "a file", CancellationToken.None, ShardFile.Largest));
        }

        return (name, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static IEnumerable<string> FilesOf(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal) : [path];

    private void Take(IReadOnlyList<ShardFile> files)
    {
        foreach (var (name, here) in _run)
        {
            if (files[0].Run.GetValueOrDefault(name, "nothing") is var there && there != here)
            {
                throw new InputException(files[0].Name,
                    $"{name} is {there}, expected {here}: merge with the program and the files that the shards had");
            }
        }

        foreach (var unit in files.SelectMany(f => f.Results))
        {
            _known[unit.Unit] = unit.Value;
        }
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
