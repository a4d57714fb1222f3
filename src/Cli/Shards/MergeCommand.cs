using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cli.Shards;

/// <summary><c>merge</c>: the command of the shards, with their results at hand.</summary>
internal sealed class MergeCommand : ExampleCommand
{
    public MergeCommand(Terminal terminal)
        : base(
            "merge",
            "Puts the shards of compare, concerns or check --random together, byte for byte as one run without shards.",
            "merge shards --out report",
            "merge shard-1-of-2.json shard-2-of-2.json --out report --json") =>
        Runs(args => new MergeRequest(args), (request, cancellation) =>
            Program.RunAsync(request.Command(cancellation), terminal, null, cancellation).GetAwaiter().GetResult());
}

/// <summary>The arguments of <c>merge</c>.</summary>
internal sealed class MergeRequest(Arguments args)
{
    private const string Pattern = "shard-*-of-*.json";

    private IReadOnlyList<string> Paths { get; } = args.Words(
        "SHARD", $"Files that --shard has written, or folders with them ({Pattern}).");

    private string? Directory { get; } = args.Text(
        "--out", "DIR", "Where the files of the command go. Default: where the command puts them.");

    private bool Json { get; } = args.Flag("--json", "Print the command's JSON.");

    /// <summary>The command line that does it.</summary>
    /// <exception cref="InputException">The shards are not one run.</exception>
    public string[] Command(CancellationToken cancellation)
    {
        string[] files = [.. Paths.SelectMany(FilesOf)];
        if (files.Length == 0)
        {
            throw new InputException("merge", "expected files that --shard has written, or folders with them");
        }

        return
        [
            .. ShardFile.ReadAll(files, cancellation)[0].Command,
            .. files.SelectMany(f => new[] { ShardRequest.Merging, f }),
            .. Directory is null ? Array.Empty<string>() : ["--out", Directory],
            .. Json ? ["--json"] : Array.Empty<string>(),
        ];
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (!System.IO.Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. System.IO.Directory.EnumerateFiles(path, Pattern).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new InputException(path, $"expected files {Pattern}");
    }
}
