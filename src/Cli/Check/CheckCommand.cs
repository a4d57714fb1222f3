using UapiLab.Cli.Ci;
using UapiLab.Cli.Cluster;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Shards;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Cli.Check;

/// <summary><c>check</c>: every interleaving of a small machine.</summary>
internal sealed class CheckCommand : ExampleCommand
{
    public CheckCommand(Terminal terminal, PluginHost plugins)
        : base(
            "check",
            "Decides what an encoding can do wrong on a small machine, over every interleaving.",
            "check single-bit",
            "check single-bit:variant=as-posted --quick --keep-going",
            "check --all --vcpus 2 --gfns 2 --tasks 1 --memory tso --json",
            "check my-idea --plugin my-idea/MyIdea.cs",
            "check async-hint --knowledge --require C1",
            "check async-hint:inject=at-fault --misuse",
            "check single-bit:variant=as-posted --instance careless --random 1000000 --pct 3") =>
        Runs(
            plugins,
            (args, lab) => new CheckRequest(args, lab) { Heartbeat = plugins.Heartbeat, Begin = plugins.Part },
            (request, lab, cancellation) => CheckJob.Run(terminal, lab, request, cancellation));
}

/// <summary>The arguments of <c>check</c>.</summary>
internal sealed class CheckRequest(Arguments args, LabCatalog lab)
{
    private const string PageName = "report.html";
    private const int MostStates = 400_000_000;

    /// <summary>What held in fewer transitions is searched again without reductions: that takes seconds.</summary>
    private const int FewTransitions = 200_000;

    private static readonly (string Name, string Description)[] s_sizes =
    [
        ("--vcpus", "vCPUs; the rest is as in the instance frames."),
        ("--gfns", "Frames, likewise; every task touches each once."),
        ("--tasks", "Tasks on each vCPU, likewise."),
        ("--io-threads", "I/O threads, likewise."),
        ("--queue-limit", "ASYNC_PF_PER_VCPU, likewise."),
        ("--rearms", "Rounds of re-arming, likewise."),
    ];

    public IReadOnlyList<string> Encodings { get; } =
        args.Words("ENCODING", "Encodings to check.", lab.Encodings.Families.Select(f => f.Id));

    public bool All { get; } = args.Flag("--all", "Every encoding in every variant.");

    private IReadOnlyList<string> Named { get; } = args.Repeated(
        "--instance",
        "NAME",
        "Machine to explore, sizes of your own behind a colon (tasks:vcpus=1,tasks=1), may be repeated: "
            + $"{Names(CheckInstance.Named)}. Default: {Names(CheckInstance.Suite)}.",
        CheckInstance.Named.Select(i => i.Name));

    private bool Quick { get; } = args.Flag("--quick", "The instance quick alone: a few seconds.");

    /// <summary>Of a machine of one's own, as in the name of an instance.</summary>
    private string Sizes { get; } =
        string.Join(',', s_sizes.Select(size => Size(args, size.Name, size.Description)).OfType<string>());

    private MemoryOrdering Memory { get; } = args.Parsed(
        "--memory", "ORDER", "sc, tso or weak (docs/memory-orders.md).", Order, "sc", "sc", "tso", "weak");

    public KernelVersion Kernel { get; } = args.Parsed(
        "--kernel",
        "RELEASE",
        $"Linux whose rules KVM keeps, {KernelVersion.Expected} (docs/model.md).",
        text => KernelVersion.Parse(text)
            ?? throw new InputException($"--kernel {text}", "expected " + KernelVersion.Expected),
        KernelVersion.Newest.ToString(),
        "6.12", "6.18", KernelVersion.Newest.ToString());

    public IReadOnlyList<string> Properties { get; } = args.Repeated(
        "--property", "NAME", "Only this decides; may be repeated. Default: all.",
            Checker.Properties.Select(p => p.Name));

    public IReadOnlyList<string> Shown { get; } = args.Repeated(
        "--show",
        "NAME",
        "Tell the shortest history of this sometimes-property too; may be repeated.",
        Checker.Properties.Where(p => p.Kind == PropertyKind.Sometimes).Select(p => p.Name));

    private bool OnlyKnowledge { get; } = args.Flag(
        "--knowledge",
            "Ask only what KVM can know when it injects (C1, C3, C4, C5); a search of the suite asks it too.");

    public IReadOnlyList<string> Required { get; } = args.Repeated(
        "--require",
        "CONCERN",
        "Let this finding about knowledge set the exit code; may be repeated.",
        KnowledgeCheck.Concerns,
        isClosed: true);

    public bool Misuse { get; } = args.Flag("--misuse",
        "Ask only which mistakes of a VMM hang or corrupt its guest (C17, docs/misuse.md).");

    private bool KeepGoing { get; } = args.Flag("--keep-going",
        "Do not end a search at the first broken property, nor the suite at the first broken instance.");

    private bool NoLiveness { get; } = args.Flag(
        "--no-liveness", "Do not look for livelocks, and save 12 bytes a transition.");

    private long LimitStates { get; } =
        args.Number<long>("--max-states", "N", "Give up after so many.", MostStates, 1, MostStates);

    private int LimitMiB { get; } =
        args.Number("--max-memory", "MIB", "Give up beyond so much memory.", 12_000, 16, 1 << 20);

    public int TimeSeconds { get; } = args.Number(
        "--time", "SECONDS", "Give up on an instance after so long; 0 = never.", 0, 0, 1_000_000);

    private long? Runs { get; } = args.OptionalNumber<long>(
        "--random", "RUNS", "Random schedules instead of a search: finds, never decides.", low: 1);

    private int Steps { get; } = args.Number("--steps", "N", "Steps of a random schedule.", 200);

    private int ChangePoints { get; } = args.Number(
        "--pct", "D", "Priorities with D change points instead of uniform choice; -1 = uniform.", -1);

    private ulong Seed { get; } = args.Number<ulong>("--seed", "N", "Root of random schedules.", 1);

    private int DepthFirst { get; } = args.Number(
        "--depth-first",
        "STEPS",
        "Depth first, along paths of up to so many steps: finds deep defects early, not the shortest history; 0 = "
            + "breadth first.",
        0,
        0,
        1_000_000);

    private bool Exact { get; } = args.Flag("--exact", "Keep whole states instead of 64-bit fingerprints.");

    private bool NoSymmetry { get; } = args.Flag("--no-symmetry", "Tell states apart that differ only in names.");

    private bool NoReduction { get; } = args.Flag("--no-reduction", "Every step of the machine is a scheduling point.");

    public ShardRequest Shards { get; } = new(args, "chunks of --random");

    public ClusterRequest Cluster { get; } = new(args);

    private int ThreadsAsked { get; } = args.Threads();

    public string Directory { get; } = args.Text("--out", "DIR", "Where histories and the page go.", "artifacts/check");

    public bool Json { get; } = args.Flag("--json", "Print verdicts as JSON.");

    public bool Quiet { get; } = args.Quiet();

    public CiOutputs Ci { get; } = new(
        args, junit: "a case for each property and instance", sarif: "broken properties at the encoding's lines");

    public HistoryOutputs Pages { get; } = new(args, html:
        $"Where the page goes, with verdicts and histories to be stepped through. Default: {PageName} in --out.");

    /// <summary>The page, where nothing is said.</summary>
    public string Page => Path.Combine(Directory, PageName);

    public IReadOnlyList<string> Plugins { get; } = args.Given("--plugin");

    /// <summary>Told now and then what is being done, as long as something is.</summary>
    public required Action<string> Heartbeat { get; init; }

    /// <summary>Told of a search that has to get on by itself, and how to do the like on one thread.</summary>
    public required Func<string, Action, Watchdog.Part?> Begin { get; init; }

    public int Threads => ThreadsAsked == 0 ? Environment.ProcessorCount : ThreadsAsked;

    public bool Knowledge => OnlyKnowledge || Required.Count > 0
        || (IsOfSuite && Properties.Count == 0 && Runs is null && !Misuse);

    /// <summary>The instances for one encoding: the suite has another for counters that run freely.</summary>
    public IReadOnlyList<CheckInstance> InstancesFor(Abstractions.Encoding encoding) => OnlyKnowledge || Misuse ? []
        : IsOfSuite && encoding.Regions.Any(r => r.RunsFreely) ? [.. Machines.Append(CheckInstance.Wrap).Select(Asked)]
        : [.. Machines.Select(Asked)];

    /// <summary>An instance in the way that was asked for.</summary>
    public CheckInstance Asked(CheckInstance instance) => instance.On(Kernel) with
    {
        Order = Memory,
        Symmetric = !NoSymmetry,
        CoalescesInvisible = !NoReduction,
    };

    public SearchOptions Search => new()
    {
        StopAtFirst = !KeepGoing,
        Liveness = !NoLiveness && DepthFirst == 0,
        MaxStates = LimitStates,
        MaxBytes = (long)LimitMiB << 20,
        Exact = Exact,
        DepthFirst = DepthFirst,
        Threads = Threads,
        RepeatsBelow = DepthFirst == 0 ? FewTransitions : 0,
    };

    /// <summary>Random schedules; null: a search.</summary>
    public WalkOptions? Random => Runs is { } runs
        ? new(
            runs,
            Arguments.Within("--steps", Steps, 1, 1_000_000),
            Seed,
            Arguments.Within("--pct", ChangePoints, -1, 1_000),
            Threads)
        : null;

    /// <summary>What decides random schedules, as words of a command line.</summary>
    public IReadOnlyList<string> WalkWords =>
    [
        "check", .. All ? ["--all"] : Encodings,
        .. IsOfSuite ? [] : Machines.SelectMany(m => new[] { "--instance", m.Name }),
        .. Plugins.SelectMany(p => new[] { "--plugin", p }),
        "--memory", Memory.ToString().ToLowerInvariant(), "--kernel", Kernel.ToString(),
        .. NoSymmetry ? ["--no-symmetry"] : Array.Empty<string>(),
        .. NoReduction ? ["--no-reduction"] : Array.Empty<string>(),
        "--random", Invariant($"{Runs}"), "--steps", Invariant($"{Steps}"), "--pct", Invariant($"{ChangePoints}"),
        "--seed", Invariant($"{Seed}"),
    ];

    /// <summary>What would be dropped is refused.</summary>
    public void Check()
    {
        const string OneOfThem = "expected one of them: ";
        string[] machines = ["--instance", "--quick", .. s_sizes.Select(s => s.Name)];
        string[] search = ["--keep-going", "--no-liveness", "--max-states", "--max-memory", "--depth-first", "--exact"];
        string[] verdicts = ["--property", "--show", "--knowledge", "--require"];
        string[] questions = [.. machines, .. search, "--memory", "--kernel", "--property", "--show", "--random",
            "--no-symmetry", "--no-reduction", "--shard", ClusterRequest.Option];
        if (All && Encodings.Count > 0)
        {
            throw new InputException($"--all {Encodings[0]}", OneOfThem + "--all names every encoding");
        }

        Cluster.Check();
        args.Excludes("--quick", OneOfThem + $"--quick is --instance {CheckInstance.Quick.Name}", "--instance");
        args.Excludes("--misuse", OneOfThem + "mistakes have machines of their own (docs/misuse.md)",
            [.. questions, "--knowledge", "--require"]);
        args.Excludes("--knowledge", OneOfThem + "what KVM can know has machines of its own (docs/checking.md)",
            questions);
        args.Excludes("--random", OneOfThem + "random schedules end at the first that breaks something, and decide "
            + "nothing", [.. search, .. verdicts]);
        args.Needs("--random", "--steps", "--pct", "--seed");
    }

    /// <summary>Whether the quick properties of the conformance kit are tried first: not where a question about one
    /// instance or property is asked.</summary>
    public bool TriesKit => IsOfSuite && Properties.Count == 0 && Runs is null && !OnlyKnowledge && !Misuse;

    /// <summary>A suite of which one instance is broken has said what there is to say.</summary>
    public bool StopsAtBroken => IsOfSuite && !KeepGoing;

    private bool IsOfSuite => Named.Count == 0 && !Quick && Sizes.Length == 0;

    private IReadOnlyList<CheckInstance> Machines
    {
        get
        {
            if (Sizes.Length > 0 && (Named.Count > 0 || Quick))
            {
                var name = Named.Count > 0 ? Named[0] : CheckInstance.Quick.Name;
                throw new InputException(
                    "--instance",
                    $"expected either a named instance or sizes of your own; both at once is --instance "
                        + $"{name}:{Sizes}");
            }

            return Sizes.Length > 0 ? [CheckInstance.Resolve("frames:" + Sizes)]
                : Quick ? [CheckInstance.Quick]
                : IsOfSuite ? CheckInstance.Suite
                : [.. Named.Select(CheckInstance.Resolve)];
        }
    }

    private static string Names(IEnumerable<CheckInstance> instances) =>
        string.Join(", ", instances.Select(i => i.Name));

    private static string? Size(Arguments args, string name, string description) =>
        args.OptionalNumber<int>(name, "N", description) is { } size ? Invariant($"{name[2..]}={size}") : null;

    private static MemoryOrdering Order(string text) => text switch
    {
        "sc" => MemoryOrdering.Sc,
        "tso" => MemoryOrdering.Tso,
        "weak" => MemoryOrdering.Weak,
        _ => throw new InputException($"--memory {text}", "expected sc, tso or weak"),
    };
}
