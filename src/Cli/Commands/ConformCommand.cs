using System.CommandLine;
using UapiLab.Cli.Conform;
using UapiLab.Harness;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>conform</c>: is there a run of the machine that emits what a real KVM was recorded emitting?</summary>
internal sealed class ConformCommand : ExampleCommand
{
    private const long NsPerMicrosecond = 1_000;
    private const long LargestTolerance = 1_000_000;

    private readonly Argument<string[]> traces = new("TRACE")
    {
        HelpName = "TRACE",
        Description = "KVM events as text: ftrace, trace-cmd report or perf script, gzip or not.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> encoding = new("--encoding") { HelpName = "ENCODING", Description = "Userfault interface of the recorded kernel. Default: none, a stock kernel." };
    private readonly Option<long> tolerance = new("--clock-tolerance")
    {
        HelpName = "US",
        Description = "How far the clocks of two CPUs may differ, us.",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<string?> reduce = new("--reduce") { HelpName = "FILE", Description = "Write the part of a rejected trace that matters." };
    private readonly Option<bool> predict = new("--predict") { Description = "Simulate the scenario that the BEGIN marker names, and put its counts beside the recorded ones." };
    private readonly Option<bool> coverage = new("--coverage") { Description = "Print which traces come to which rule." };
    private readonly Option<bool> json = new("--json") { Description = "Print the verdicts as JSON." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print nothing but errors." };

    public ConformCommand(Terminal terminal, EncodingRegistry registry)
        : base(
            "conform",
            "Holds the machine to traces of a real KVM: accepted, or the first event it cannot explain.",
            "conform host.trace",
            "conform host.trace --json",
            "conform *.trace.gz --coverage",
            "conform host.trace --reduce short.trace",
            "conform uf.trace.gz --encoding single-bit:apf=off")
    {
        encoding.CompletionSources.Add(_ => registry.Families.Select(f => new System.CommandLine.Completions.CompletionItem(f.Id)));
        Add(traces);
        foreach (var option in new Option[] { encoding, tolerance, reduce, predict, coverage, json, quiet })
        {
            Add(option);
        }

        SetAction((result, cancellation) => Task.FromResult(ConformJob.Run(terminal, registry, Request(result), cancellation)));
    }

    private ConformRequest Request(ParseResult result)
    {
        var files = result.GetValue(traces) ?? [];
        if (files.Length == 0)
        {
            throw new InputException("conform", "expected a trace");
        }

        if (files.FirstOrDefault(f => f.StartsWith('-')) is { } unknown)
        {
            throw new InputException(unknown, $"unknown option, expected one of {string.Join(", ", Options.Select(o => o.Name))}");
        }

        var microseconds = result.GetValue(tolerance);
        return new()
        {
            Traces = files,
            Encoding = result.GetValue(encoding),
            ToleranceNs = microseconds is >= 0 and <= LargestTolerance
                ? microseconds * NsPerMicrosecond
                : throw new InputException(FormattableString.Invariant($"--clock-tolerance {microseconds}"), FormattableString.Invariant($"expected a number from 0 to {LargestTolerance}")),
            Reduce = result.GetValue(reduce),
            Predict = result.GetValue(predict),
            Coverage = result.GetValue(coverage),
            Json = result.GetValue(json),
            Quiet = result.GetValue(quiet),
        };
    }
}
