using System.CommandLine;
using System.Globalization;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Published;
using UapiLab.Cli.Shards;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Compare;

/// <summary><c>compare</c>: the main job.</summary>
internal sealed class CompareCommand : ExampleCommand
{
    public CompareCommand(Terminal terminal, PluginHost plugins)
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
        Declare(plugins, (args, lab) => new CompareRequest(args, lab));
        SetAction((result, cancellation) => Task.FromResult(result.GetValue<bool>(CompareRequest.Published)
            ? PublishedJob.Run(terminal, plugins.BuiltIn.Encodings, OnlySeed(result), result.GetValue<bool>("--json"))
            : plugins.Compare(result, new(new(this, result), plugins.BuiltIn), cancellation)));
    }

    /// <summary>All else is what the published machines were: said twice it would be ignored, so it is
    /// refused.</summary>
    private ulong OnlySeed(ParseResult result)
    {
        var other = result.GetValue<string[]>("ENCODING") is [var encoding, ..] ? encoding
            : Options.FirstOrDefault(o => o.Name is not (CompareRequest.Published or "--seed" or "--json")
                && result.GetResult(o) is { Implicit: false })?.Name;
        return other is null
            ? result.GetValue<ulong>("--seed")
            : throw new InputException(
                $"{CompareRequest.Published} {other}", "expected no other argument than --seed and --json");
    }
}

/// <summary>The arguments of <c>compare</c>, read but not yet understood.</summary>
internal sealed class CompareRequest(Arguments args, LabCatalog lab)
{
    /// <summary>Asks for another job, which takes none of the rest.</summary>
    public const string Published = "--published";

    /// <summary>Where proposals are looked for by default.</summary>
    public const string DefaultProposals = "proposals";

    private const string Program = "uapilab";

    public IReadOnlyList<string> Encodings { get; } = args.Words(
        "ENCODING",
        "Encodings to compare; never-async and oracle are added. Default: the ones from the kernel list and their "
            + "variants.",
        lab.Encodings.Families.Select(f => f.Id));

    public IReadOnlyList<string> Workloads { get; } = args.Repeated(
        "--workload",
        "SPEC",
        "Workload; may be repeated. Default: all, or none with --trace.",
        lab.Workloads.All.Select(f => f.Id));

    public IReadOnlyList<string> Traces { get; } = args.Repeated(
        "--trace", "FILE", "Recorded accesses to replay, one or more vCPUs each; may be repeated.");

    public string TraceOptions { get; } = args.Text(
        "--trace-options", "LIST", "What traces do not say: option=value,... (uapilab list).", absent: "");

    public HostProfile Host { get; } = RunOptions.Host(args);

    public string? Costs { get; } = args.Text(
        "--costs", "FILE", "Cost table that replaces values of the host (docs/costs.md).");

    public VmmPolicy? Policy { get; } = RunOptions.Policy(args);

    public ulong Seed { get; } = args.Number<ulong>("--seed", "N", "Root of all random choices.", 1);

    public int Seeds { get; } = args.Number("--seeds", "N", "Repetitions, each with a seed of its own.", 5, 1, 10_000);

    public string Proposals { get; } =
        args.Text("--proposals", "DIR", "Proposals whose claims are checked.", DefaultProposals);

    public bool CellsOnly { get; } = args.Flag("--cells-only", "Leave out sweep, break-even and cost ranges.");

    /// <summary>False where there is a request: it is asked before one is made.</summary>
    public bool IsPublished { get; } = args.Flag(
        Published, "Compare the model with published measurements instead (docs/published.md); takes --seed and "
            + "--json and nothing else.");

    public ShardRequest Shards { get; } = new(args, "units of the plan");

    public int Threads { get; } = args.Threads();

    public string? Directory { get; } = args.Text(
        "--out",
        "DIR",
        $"Where {ReportFiles.Names} go: an empty folder, or one with an older report. Default: a new folder below "
            + $"{RunFolder.Runs}, with {RunFolder.Runs}/{RunFolder.Latest} beside it.");

    public bool Details { get; } = args.Flag("--details", "Print every table before the answer.");

    public bool Json { get; } = args.Flag("--json", "Print report.json instead of the answer, or the published rows.");

    public bool Quiet { get; } = args.Quiet();

    public CiOutputs Ci { get; } = new(args, junit: "a case for each claim, and one for the rules of each encoding");

    public string? Against { get; } = args.Text(
        "--against", "FILE", "Say what changed beyond the intervals since an older report.json (docs/ci.md).");

    public string? FailIf { get; } = args.Parsed(
        "--fail-if",
        "WHAT",
        "With --against: exit 1 if something is slower, or if anything changed.",
        what => AgainstOld.Kinds.Contains(what) ? what
            : throw new InputException($"--fail-if {what}", "expected " + string.Join(" or ", AgainstOld.Kinds)),
        completions: AgainstOld.Kinds);

    /// <summary>Paths of the plugins.</summary>
    public IReadOnlyList<string> Plugins { get; set; } = [];

    /// <summary>What to say of an encoding that comes from a plugin, by its id.</summary>
    public IReadOnlyDictionary<string, string> PluginNotes { get; set; } = new Dictionary<string, string>();

    /// <summary>Where runs are done that are not done in this process; null if there are none.</summary>
    public IRemoteRuns? Remote { get; set; }

    /// <summary>What would be dropped is refused.</summary>
    public void Check()
    {
        Shards.Check();
        args.Needs("--trace", "--trace-options");
        args.Needs("--against", "--fail-if");
        args.Excludes("--json", "expected one of them: report.json has every table", "--details");
    }

    /// <summary>The command that repeats it: all that decides the result, seed and repetitions even where they are the
    /// defaults, and nothing else.</summary>
    public string Command() => string.Join(' ', Words.Select(Quoted).Prepend(Program));

    /// <summary>The same as words, without the program's name.</summary>
    public IReadOnlyList<string> Words =>
        [
            "compare",
            .. Encodings,
            .. Option("--workload", Workloads),
            .. Option("--plugin", Plugins),
            .. Option("--trace", Traces),
            .. Option("--trace-options", TraceOptions),
            .. Option("--host", Host == HostProfile.Default ? null : Host.Id),
            .. Option("--costs", Costs),
            .. Option("--policy", Policy?.ToString()),
            .. Option("--proposals", Proposals == DefaultProposals ? null : Proposals),
            .. Option("--seed", Seed.ToString(CultureInfo.InvariantCulture)),
            .. Option("--seeds", Seeds.ToString(CultureInfo.InvariantCulture)),
            .. CellsOnly ? ["--cells-only"] : Array.Empty<string>(),
        ];

    private static IEnumerable<string> Option(string name, params IReadOnlyList<string?> values) =>
        values.Where(v => !string.IsNullOrEmpty(v)).SelectMany(v => new[] { name, v! });

    /// <summary>As a POSIX shell reads it back.</summary>
    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
