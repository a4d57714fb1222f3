using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Cli.Shards;

/// <summary>The arguments of a command whose work can be done in shards.</summary>
internal sealed class ShardRequest(Arguments args, string units)
{
    /// <summary>What <c>merge</c> adds to the command of the shards.</summary>
    public const string Merging = "--merging";

    /// <summary>Null: the whole.</summary>
    public Shard? Shard { get; } = args.Parsed(
        "--shard",
        "K/N",
        $"Do every N-th of the {units}, beginning with the K-th, and write them to shard-K-of-N.json in --out for "
            + "uapilab merge (docs/scale.md).",
        text => Shard.Parse("--shard", text));

    /// <summary>What becomes of a result is said where there is one.</summary>
    public void Check() => args.Excludes("--shard", "expected one of them: what becomes of the result is up to merge",
        "--json", "--details", "--explain", "--junit", "--sarif", "--summary", "--html", "--perfetto", "--against",
        "--fail-if", "--published", "--knowledge", "--require", "--show", "--time");

    /// <summary>Files of shards that together are the work.</summary>
    public IReadOnlyList<string> Files { get; } = args.Hidden(Merging, "FILE", "Shards to take results from.");
}
