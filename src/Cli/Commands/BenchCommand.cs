using System.CommandLine;
using UapiLab.Cli.Bench;
using UapiLab.Cli.Plugins;
using UapiLab.Harness;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>bench</c>: what the words of an encoding cost on this machine, beside C.</summary>
internal sealed class BenchCommand : ExampleCommand
{
    private readonly Argument<string[]> encodings = new("ENCODING") { HelpName = "ENCODING", Description = "id or id:option=value,…; default: one of each family. What has no words is only simulated and checked.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> full = new("--full") { Description = "Ten times as many pairs of runs." };
    private readonly Option<int?> pairs = new("--pairs") { HelpName = "N", Description = FormattableString.Invariant($"Pairs of runs for each row. Default: {BenchRequest.ShortPairs}, or {BenchRequest.FullPairs} with --full.") };
    private readonly Option<string> compiler = new("--cc") { HelpName = "PROGRAM", Description = "C compiler of the baseline.", DefaultValueFactory = _ => "gcc" };

    public BenchCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base("bench", "Measures the words of encodings on this machine's memory, beside the same in C.", "bench", "bench single-bit multi-bit:bits=8 --full", "bench single-bit my-idea --plugin my-idea/MyIdea.cs")
    {
        Add(encodings);
        Add(full);
        Add(pairs);
        Add(compiler);
        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(
            result,
            lab => BenchJob.Run(terminal, Request(result, lab.Encodings) with { Beat = doing => plugins.Beat(doing) }, cancellation),
            cancellation)));
    }

    /// <summary>Those named, or one of each family, those of plugins included.</summary>
    internal static IReadOnlyList<Abstractions.Encoding> Chosen(IReadOnlyList<string> names, EncodingRegistry all) =>
        [.. (names.Count > 0 ? names : all.Families.Select(f => f.Id)).Select(all.Resolve)];

    private BenchRequest Request(ParseResult result, EncodingRegistry all) => new(
        Chosen(result.GetValue(encodings) ?? [], all),
        Pairs(result),
        OperationsPerRun: 100_000,
        result.GetValue(compiler)!);

    private int Pairs(ParseResult result) => result.GetValue(pairs) switch
    {
        null => result.GetValue(full) ? BenchRequest.FullPairs : BenchRequest.ShortPairs,
        >= 1 and <= 100_000 and { } asked => asked,
        { } asked => throw new InputException(FormattableString.Invariant($"{pairs.Name} {asked}"), "expected a number from 1 to 100000"),
    };
}
