using System.CommandLine;
using UapiLab.Cli.Check;
using UapiLab.Cli.Plugins;
using UapiLab.Harness;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>check</c>: every interleaving of a small machine.</summary>
internal sealed class CheckCommand : ExampleCommand
{
    private const int MostStates = 400_000_000;

    private readonly Argument<string[]> encodings = new("ENCODING")
    {
        HelpName = "ENCODING",
        Description = "Encodings to check.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> all = new("--all") { Description = "Every encoding in every variant." };
    private readonly Option<string[]> instances = new("--instance")
    {
        HelpName = "NAME",
        Description = $"Machine to explore, sizes of your own behind a colon (tasks:vcpus=1,tasks=1), may be repeated: {string.Join(", ", CheckInstance.Named.Select(i => i.Name))}. Default: {string.Join(", ", CheckInstance.Suite.Select(i => i.Name))}.",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> quick = new("--quick") { Description = "The instance quick alone: a few seconds." };
    private readonly Option<int?> vcpus = Size("--vcpus", "vCPUs of a machine of your own (as frames otherwise).");
    private readonly Option<int?> gfns = Size("--gfns", "Its frames; every task touches each once.");
    private readonly Option<int?> tasks = Size("--tasks", "Its tasks on each vCPU.");
    private readonly Option<int?> ioThreads = Size("--io-threads", "Its I/O threads.");
    private readonly Option<int?> queueLimit = Size("--queue-limit", "Its ASYNC_PF_PER_VCPU.");
    private readonly Option<int?> rearms = Size("--rearms", "Its rounds of re-arming.");
    private readonly Option<string> memory = new("--memory") { HelpName = "ORDER", Description = "sc, tso or weak (docs/memory-orders.md).", DefaultValueFactory = _ => "sc" };
    private readonly Option<string[]> properties = new("--property") { HelpName = "NAME", Description = "Only this decides; may be repeated. Default: all.", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string[]> show = new("--show") { HelpName = "NAME", Description = "Tell the shortest history of this sometimes-property too; may be repeated.", AllowMultipleArgumentsPerToken = false };
    private readonly Option<bool> knowledge = new("--knowledge") { Description = "Ask only what KVM can know when it injects (C1, C3, C4, C5); a search of the suite asks it too." };
    private readonly Option<string[]> require = new("--require")
    {
        HelpName = "CONCERN",
        Description = "Let this finding about knowledge set the exit code; may be repeated.",
        AllowMultipleArgumentsPerToken = false,
    };
    private readonly Option<bool> keepGoing = new("--keep-going") { Description = "Do not end at the first broken property." };
    private readonly Option<bool> noLiveness = new("--no-liveness") { Description = "Do not look for fair cycles, which keeps every transition (12 bytes each)." };
    private readonly Option<long> maxStates = new("--max-states") { HelpName = "N", Description = "Give up after so many.", DefaultValueFactory = _ => MostStates };
    private readonly Option<int> maxMemory = new("--max-memory") { HelpName = "MIB", Description = "Give up beyond so much memory.", DefaultValueFactory = _ => 12_000 };
    private readonly Option<int> time = new("--time") { HelpName = "SECONDS", Description = "Give up on an instance after so long; 0 = never.", DefaultValueFactory = _ => 0 };
    private readonly Option<long?> random = new("--random") { HelpName = "RUNS", Description = "Random schedules instead of a search: finds, never decides." };
    private readonly Option<int> steps = new("--steps") { HelpName = "N", Description = "Steps of a random schedule.", DefaultValueFactory = _ => 200 };
    private readonly Option<int> pct = new("--pct") { HelpName = "D", Description = "Priorities with D change points instead of uniform choice; -1 = uniform.", DefaultValueFactory = _ => -1 };
    private readonly Option<ulong> seed = new("--seed") { HelpName = "N", Description = "Root of random schedules.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> depthFirst = new("--depth-first") { HelpName = "STEPS", Description = "Depth first, along paths of up to so many steps: finds deep defects early, not the shortest history; 0 = breadth first.", DefaultValueFactory = _ => 0 };
    private readonly Option<bool> exact = new("--exact") { Description = "Keep whole states instead of 64-bit fingerprints." };
    private readonly Option<bool> noSymmetry = new("--no-symmetry") { Description = "Tell states apart that differ only in names." };
    private readonly Option<bool> noReduction = new("--no-reduction") { Description = "Every step of the machine is a scheduling point." };
    private readonly Option<int> threads = new("--threads") { HelpName = "N", Description = "Threads; 0 = one per core. Changes no result.", DefaultValueFactory = _ => 0 };
    private readonly Option<string> directory = new("--out") { HelpName = "DIR", Description = "Where histories go.", DefaultValueFactory = _ => "artifacts/check" };
    private readonly Option<bool> json = new("--json") { Description = "Print verdicts as JSON." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print nothing but errors." };

    public CheckCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base(
            "check",
            "Decides what an encoding can do wrong on a small machine, over every interleaving.",
            "check single-bit",
            "check single-bit:variant=as-posted --quick --keep-going",
            "check --all --vcpus 2 --gfns 2 --tasks 1 --memory tso --json",
            "check async-hint --instance full --time 300",
            "check my-idea --plugin my-idea/MyIdea.cs",
            "check async-hint --knowledge --require C1",
            "check async-hint:inject=at-fault --instance careless --show empty-ready",
            "check single-bit:variant=as-posted --instance careless --random 1000000 --pct 3")
    {
        encodings.CompletionSources.Add(_ => registry.Families.Select(f => new System.CommandLine.Completions.CompletionItem(f.Id)));
        instances.CompletionSources.Add([.. CheckInstance.Named.Select(i => i.Name)]);
        memory.CompletionSources.Add("sc", "tso", "weak");
        require.CompletionSources.Add([.. KnowledgeCheck.Concerns]);
        show.CompletionSources.Add([.. Checker.Properties.Where(p => p.Kind == PropertyKind.Sometimes).Select(p => p.Name)]);
        properties.CompletionSources.Add([.. Checker.Properties.Select(p => p.Name)]);
        Add(encodings);
        foreach (var option in new Option[]
        {
            all, instances, quick, vcpus, gfns, tasks, ioThreads, queueLimit, rearms, memory, properties, show, knowledge, require, keepGoing, noLiveness, maxStates, maxMemory, time,
            random, steps, pct, seed, depthFirst, exact, noSymmetry, noReduction, threads, directory, json, quiet,
        })
        {
            Add(option);
        }

        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(
            result, lab => CheckJob.Run(terminal, lab, Request(result) with { Beat = plugins.Beat }, cancellation), cancellation)));
    }

    private CheckRequest Request(ParseResult result)
    {
        var named = result.GetValue(encodings) ?? [];
        var everything = result.GetValue(all);
        if (named.Length == 0 && !everything)
        {
            throw new InputException("check", "expected an encoding, or --all");
        }

        if (named.FirstOrDefault(n => n.StartsWith('-')) is { } unknown)
        {
            throw new InputException(unknown, $"unknown option, expected one of {string.Join(", ", Options.Select(o => o.Name))}");
        }

        var required = result.GetValue(require) ?? [];
        if (required.FirstOrDefault(c => !KnowledgeCheck.Concerns.Contains(c)) is { } concern)
        {
            throw new InputException($"--require {concern}", "expected one of " + string.Join(", ", KnowledgeCheck.Concerns));
        }

        var ofSuite = Instances(result) == CheckInstance.Suite && (result.GetValue(properties) ?? []).Length == 0 && result.GetValue(random) is null;
        return new()
        {
            Encodings = named,
            All = everything,
            Knowledge = ofSuite || required.Length > 0 || result.GetValue(knowledge),
            Required = required,
            Instances = result.GetValue(knowledge) ? [] : [.. Instances(result).Select(i => i with
            {
                Order = Memory(result.GetValue(memory)!),
                Symmetric = !result.GetValue(noSymmetry),
                Fuses = !result.GetValue(noReduction),
            })],
            Properties = result.GetValue(properties) ?? [],
            Shown = result.GetValue(show) ?? [],
            Search = new()
            {
                StopAtFirst = !result.GetValue(keepGoing),
                Liveness = !result.GetValue(noLiveness) && result.GetValue(depthFirst) == 0,
                MaxStates = Within("--max-states", result.GetValue(maxStates), 1, MostStates),
                MaxBytes = Within("--max-memory", result.GetValue(maxMemory), 16, 1 << 20) << 20,
                Exact = result.GetValue(exact),
                DepthFirst = (int)Within("--depth-first", result.GetValue(depthFirst), 0, 1_000_000),
            },
            Random = result.GetValue(random) is { } runs
                ? new(Within("--random", runs, 1, long.MaxValue), (int)Within("--steps", result.GetValue(steps), 1, 1_000_000), result.GetValue(seed), (int)Within("--pct", result.GetValue(pct), -1, 1_000), 1)
                : null,
            Threads = (int)Within("--threads", result.GetValue(threads), 0, 1_024),
            TimeSeconds = (int)Within("--time", result.GetValue(time), 0, 1_000_000),
            Directory = result.GetValue(directory)!,
            Json = result.GetValue(json),
            Quiet = result.GetValue(quiet),
        };
    }

    private IReadOnlyList<CheckInstance> Instances(ParseResult result)
    {
        Option<int?>[] sizes = [vcpus, gfns, tasks, ioThreads, queueLimit, rearms];
        var own = string.Join(',', sizes.Where(s => result.GetValue(s) is not null).Select(s => FormattableString.Invariant($"{s.Name[2..]}={result.GetValue(s)}")));
        var names = result.GetValue(instances) ?? [];
        if (own.Length > 0 && (names.Length > 0 || result.GetValue(quick)))
        {
            throw new InputException("--instance", $"expected either a named instance or sizes of your own; both at once is --instance {(names.Length > 0 ? names[0] : "quick")}:{own}");
        }

        return own.Length > 0 ? [CheckInstance.Resolve("frames:" + own)]
            : result.GetValue(quick) ? [CheckInstance.Quick]
            : names.Length == 0 ? CheckInstance.Suite
            : [.. names.Select(CheckInstance.Resolve)];
    }

    private static MemoryOrdering Memory(string text) => text switch
    {
        "sc" => MemoryOrdering.Sc,
        "tso" => MemoryOrdering.Tso,
        "weak" => MemoryOrdering.Weak,
        _ => throw new InputException($"--memory {text}", "expected sc, tso or weak"),
    };

    private static Option<int?> Size(string name, string description) => new(name) { HelpName = "N", Description = description };

    private static long Within(string option, long value, long low, long high) => value >= low && value <= high
        ? value
        : throw new InputException(FormattableString.Invariant($"{option} {value}"), FormattableString.Invariant($"expected a number from {low} to {high}"));
}
