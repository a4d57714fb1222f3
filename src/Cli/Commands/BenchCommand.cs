using System.CommandLine;
using UapiLab.Cli.Bench;
using UapiLab.Harness;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>bench</c>: what the words of an encoding cost on this machine, beside C.</summary>
internal sealed class BenchCommand : ExampleCommand
{
    private readonly Argument<string[]> encodings = new("ENCODING") { HelpName = "ENCODING", Description = "id or id:option=value,…; default: one of each family that has words.", Arity = ArgumentArity.ZeroOrMore };
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
            var chosen = result.GetValue(encodings) is { Length: > 0 } names
                ? names.Select(registry.Resolve).Select(e => HasWords(e) ? e : throw new InputException(e.Description.FullName, "it has no words of its own; expected an encoding with shared memory")).ToArray()
                : [.. registry.Families.Select(f => registry.Resolve(f.Id)).Where(HasWords)];
            return Task.FromResult(BenchJob.Run(
                terminal,
                new(chosen, result.GetValue(full) ? BenchRequest.FullPairs : BenchRequest.ShortPairs, OperationsPerRun: 100_000, result.GetValue(compiler)!),
                cancellation));
        });
    }

    private static bool HasWords(Abstractions.Encoding encoding) => encoding.Regions.Count > 0;
}
