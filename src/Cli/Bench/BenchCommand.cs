using UapiLab.Abstractions;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Bench;

/// <summary><c>bench</c>: what the words of an encoding cost on this machine, beside C.</summary>
internal sealed class BenchCommand : ExampleCommand
{
    public BenchCommand(Terminal terminal, PluginHost plugins)
        : base(
            "bench",
            "Measures the words of encodings on this machine's memory, beside the same in C.",
            "bench",
            "bench single-bit multi-bit:bits=8 --full",
            "bench single-bit my-idea --plugin my-idea/MyIdea.cs") =>
        Runs(
            plugins,
            (args, _) => new BenchRequest(args) { Heartbeat = plugins.Heartbeat },
            (request, lab, cancellation) => BenchJob.Run(terminal, lab.Encodings, request, cancellation));
}

/// <summary>The arguments of <c>bench</c>.</summary>
internal sealed class BenchRequest(Arguments args)
{
    private const int ShortPairs = 51;
    private const int FullPairs = 501;

    private IReadOnlyList<string> Names { get; } = args.Words(
        "ENCODING",
        "id or id:option=value,…; default: one of each family. What has no words is only simulated and checked.");

    private bool Full { get; } = args.Flag("--full", "Ten times as many pairs of runs.");

    private int? PairsAsked { get; } = args.OptionalNumber<int>(
        "--pairs",
        "N",
        Invariant($"Pairs of runs for each row. Default: {ShortPairs}, or {FullPairs} with --full."),
        1,
        100_000);

    public string Compiler { get; } = args.Text("--cc", "PROGRAM", "C compiler of the baseline.", absent: "gcc");

    /// <summary>Told of each line that is finished.</summary>
    public required Action<string> Heartbeat { get; init; }

    public int Pairs => PairsAsked ?? (Full ? FullPairs : ShortPairs);

    public IReadOnlyList<Encoding> Encodings(EncodingRegistry all) => Chosen(Names, all);

    /// <summary>Those named, or one of each family, those of plugins included.</summary>
    internal static IReadOnlyList<Encoding> Chosen(IReadOnlyList<string> names, EncodingRegistry all) =>
        [.. (names.Count > 0 ? names : all.Families.Select(f => f.Id)).Select(all.Resolve)];
}
