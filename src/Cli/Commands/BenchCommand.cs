using System.CommandLine;
using UapiLab.Cli.Bench;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>bench</c>: what the words of an encoding cost on this machine, beside C.</summary>
internal sealed class BenchCommand : ExampleCommand
{
    private readonly Argument<string[]> encodings = new("ENCODING") { HelpName = "ENCODING", Description = "id or id:option=value,…; default: one of each family.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> full = new("--full") { Description = "Ten times as many pairs of runs." };
    private readonly Option<string> compiler = new("--cc") { HelpName = "PROGRAM", Description = "C compiler of the baseline.", DefaultValueFactory = _ => "gcc" };

    public BenchCommand(Terminal terminal, EncodingRegistry registry)
        : base("bench", "Measures the words of encodings on this machine's memory, beside the same in C.", "bench", "bench single-bit multi-bit:bits=8 --full")
    {
        Add(encodings);
        Add(full);
        Add(compiler);
        SetAction((result, cancellation) =>
        {
            var named = result.GetValue(encodings) is { Length: > 0 } names ? names : [.. registry.Families.Select(f => f.Id)];
            return Task.FromResult(BenchJob.Run(
                terminal,
                new([.. named.Select(registry.Resolve)], result.GetValue(full) ? BenchRequest.FullPairs : BenchRequest.ShortPairs, OperationsPerRun: 100_000, result.GetValue(compiler)!),
                cancellation));
        });
    }
}
