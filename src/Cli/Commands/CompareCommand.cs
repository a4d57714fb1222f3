using System.CommandLine;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Published;
using UapiLab.Harness;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Workloads;

namespace UapiLab.Cli.Commands;

/// <summary><c>compare</c>: the main job.</summary>
internal sealed class CompareCommand : ExampleCommand
{
    private const int MaxSeeds = 10_000;

    private readonly Argument<string[]> encodings = new("ENCODING")
    {
        HelpName = "ENCODING",
        Description = "Encodings to compare; never-async and oracle are added. Default: the ones from the kernel list and their variants.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> workloads = Repeatable("--workload", "SPEC", "Workload; may be repeated. Default: all, or none with --trace.");
    private readonly Option<string[]> traces = Repeatable("--trace", "FILE", "Recorded accesses to replay, one or more vCPUs each; may be repeated.");
    private readonly Option<string> traceOptions = new("--trace-options")
    {
        HelpName = "LIST",
        Description = "What traces do not say: option=value,... (uapilab list).",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string?> costs = new("--costs") { HelpName = "FILE", Description = "Cost table that replaces built-in values (docs/costs.md)." };
    private readonly Option<string?> policy = new("--policy") { HelpName = "POLICY", Description = $"Common policy in place of each workload's own: {PolicyText.Form}." };
    private readonly Option<ulong> seed = new("--seed") { HelpName = "N", Description = "Root of all random choices.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> seeds = new("--seeds") { HelpName = "N", Description = "Repetitions, each with a seed of its own.", DefaultValueFactory = _ => 5 };
    private readonly Option<string> proposals = new("--proposals")
    {
        HelpName = "DIR",
        Description = "Proposals whose claims are checked.",
        DefaultValueFactory = _ => CompareRequest.DefaultProposals,
    };

    private readonly Option<bool> cellsOnly = new("--cells-only") { Description = "Leave out sweep, break-even and cost ranges." };
    private readonly Option<bool> published = new("--published") { Description = "Compare the model with published measurements instead (docs/published.md); takes --seed and nothing else." };
    private readonly Option<int> threads = new("--threads") { HelpName = "N", Description = "Threads; 0 = one per core. Changes no result.", DefaultValueFactory = _ => 0 };
    private readonly Option<string> directory = new("--out") { HelpName = "DIR", Description = $"Where {ReportFiles.Names} go.", DefaultValueFactory = _ => "artifacts/compare" };
    private readonly Option<bool> json = new("--json") { Description = "Print report.json instead of the table." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print nothing but errors." };

    public CompareCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base(
            "compare",
            "Runs encodings on workloads and reports how they compare.",
            "compare",
            "compare single-bit multi-bit:bits=4 --workload post-copy:vcpus=64 --seeds 10",
            "compare --workload all-sync:predict=0 --policy resolve --cells-only",
            "compare --trace dst.trace.gz --trace-options background=2 --out artifacts/postcopy",
            "compare single-bit my-idea --plugin my-idea/MyIdea.cs",
            "compare --costs mine.json --json | jq '.cells[] | {encoding, workload, metrics}'")
    {
        encodings.CompletionSources.Add(_ => registry.Families.Select(f => new System.CommandLine.Completions.CompletionItem(f.Id)));
        workloads.CompletionSources.Add(_ => WorkloadCatalog.BuiltIn.All.Select(f => new System.CommandLine.Completions.CompletionItem(f.Id)));
        policy.CompletionSources.Add("resolve", "reenter", "wait(10us)");
        Add(encodings);
        foreach (var option in new Option[] { workloads, traces, traceOptions, costs, policy, seed, seeds, proposals, cellsOnly, published, threads, directory, json, quiet })
        {
            Add(option);
        }

        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(result.GetValue(published)
            ? PublishedJob.Run(terminal, registry, OnlySeed(result))
            : plugins.Compare(result, Request(result), cancellation)));
    }

    /// <summary>Everything else is what the published machines were: said twice it would be ignored, so it is refused.</summary>
    private ulong OnlySeed(ParseResult result)
    {
        var other = result.GetValue(encodings) is [var encoding, ..] ? encoding
            : Options.FirstOrDefault(o => o != published && o != seed && result.GetResult(o) is { Implicit: false })?.Name;
        return other is null ? result.GetValue(seed) : throw new InputException($"--published {other}", "expected no other argument than --seed");
    }

    private CompareRequest Request(ParseResult result) => new()
    {
        Encodings = [.. (result.GetValue(encodings) ?? []).Select(NotAnOption)],
        Workloads = result.GetValue(workloads) ?? [],
        Traces = result.GetValue(traces) ?? [],
        TraceOptions = result.GetValue(traceOptions) ?? "",
        Costs = result.GetValue(costs),
        Policy = result.GetValue(policy) is { } text ? Policy(text) : null,
        Seed = result.GetValue(seed),
        Seeds = Within("--seeds", result.GetValue(seeds), 1, MaxSeeds),
        Proposals = result.GetValue(proposals)!,
        CellsOnly = result.GetValue(cellsOnly),
        Threads = Within("--threads", result.GetValue(threads), 0, 1_024),
        Directory = result.GetValue(directory)!,
        Json = result.GetValue(json),
        Quiet = result.GetValue(quiet),
    };

    /// <summary>What begins with a dash and was taken for an encoding is an option that does not exist.</summary>
    private string NotAnOption(string word) => word.StartsWith('-')
        ? throw new InputException(word, $"unknown option, expected one of {string.Join(", ", Options.Select(o => o.Name))}")
        : word;

    private static VmmPolicy Policy(string text) =>
        PolicyText.TryParse(text, out var policy) ? policy : throw new InputException($"--policy {text}", "expected " + PolicyText.Form);

    private static int Within(string option, int value, int low, int high) => value >= low && value <= high
        ? value
        : throw new InputException(FormattableString.Invariant($"{option} {value}"), FormattableString.Invariant($"expected a number from {low} to {high}"));

    private static Option<string[]> Repeatable(string name, string value, string description) => new(name)
    {
        HelpName = value,
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
