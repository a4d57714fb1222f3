using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Everything a comparison found out. Writers turn it into text; nothing is computed after it.</summary>
public sealed record ComparisonReport
{
    /// <summary>Version of the report's layout (docs/report-format.md).</summary>
    public const int SchemaVersion = 1;

    /// <summary>The command that repeats it.</summary>
    public required string Command { get; init; }
    /// <summary>Root of all seeds.</summary>
    public required ulong Seed { get; init; }
    /// <summary>The seeds of the repetitions.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }
    /// <summary>Empty, or why the report is not whole.</summary>
    public string Incomplete { get; init; } = "";
    /// <summary>Errors of the input that came up while it was used.</summary>
    public IReadOnlyList<string> InputErrors { get; init; } = [];
    /// <summary>Errors of the lab itself.</summary>
    public IReadOnlyList<string> InternalErrors { get; init; } = [];
    /// <summary>Name of the baseline; null if there is none.</summary>
    public string? Baseline { get; init; }
    /// <summary>Name of the oracle; null if there is none.</summary>
    public string? Oracle { get; init; }
    /// <summary>Encodings in the order of the tables.</summary>
    public required IReadOnlyList<EncodingEntry> Encodings { get; init; }
    /// <summary>Workloads in the order of the tables.</summary>
    public required IReadOnlyList<WorkloadEntry> Workloads { get; init; }
    /// <summary>By workload, then encoding, accuracy of prediction, and the common policy before the best
    /// one.</summary>
    public IReadOnlyList<Cell> Cells { get; init; } = [];
    /// <summary>What happened under every policy looked at, best or not.</summary>
    internal IReadOnlyList<PolicySearch> PolicySearches { get; init; } = [];
    /// <summary>Whether KVM can tell sync from async, by encoding; those not asked about are missing.</summary>
    internal IReadOnlyDictionary<string, KvmTells> Tells { get; init; } = new Dictionary<string, KvmTells>();
    /// <summary>Claims of proposals.</summary>
    public IReadOnlyList<ClaimResult> Claims { get; init; } = [];
    /// <summary>What theory says should come out.</summary>
    public IReadOnlyList<ClaimResult> Expectations { get; init; } = [];
    /// <summary>Statements that the maker of the plan adds to the results; the harness itself makes none that names an
    /// encoding on purpose.</summary>
    public IReadOnlyList<string> Statements { get; init; } = [];
    /// <summary>Statements that follow from the cells.</summary>
    internal IReadOnlyList<Finding> Findings { get; init; } = [];
    /// <summary>The sweep over one workload parameter; null = none.</summary>
    public SweepResult? Sweep { get; init; }
    /// <summary>The search for the fetch time at which encodings stop paying; null = none.</summary>
    public BreakEvenResult? BreakEven { get; init; }
    /// <summary>Whether rankings hold over the ranges of the costs; null = not looked at.</summary>
    internal RankingStability? Stability { get; init; }
    /// <summary>Prices.</summary>
    public required CostTable Costs { get; init; }
    /// <summary>The file of the user's that some of them come from; empty if there is none.</summary>
    public string CostsOf { get; init; } = "";
    /// <summary>Runs that were really different.</summary>
    public int Runs { get; init; }
    /// <summary>Which encoding to prefer, and why; null before the comparison has ended.</summary>
    internal Answer? Answer { get; init; }

    /// <summary>Whether an encoding that is held to the rules broke one.</summary>
    public bool HasViolation =>
        PolicySearches.Any(s => s.Outcomes.Any(o => o.IsBroken) && !EncodingOf(s.Encoding).ViolationsExpected);

    /// <summary>The answer in words; empty if the report has none.</summary>
    public IReadOnlyList<string> AnswerText => Answer?.Sentences ?? [];

    /// <summary>Encodings that broke a rule or the contract where they are held to them, with what and where.</summary>
    public IReadOnlyList<(string Encoding, string Text)> BrokenRules =>
        [.. Reports.ReportSummary.Broken(this).Where(b => !b.Encoding.ViolationsExpected)
            .Select(b => (b.Encoding.Name, b.Text))];

    /// <summary>The entry of an encoding of this report.</summary>
    public EncodingEntry EncodingOf(string name) => Encodings.First(e => e.Name == name);
}

/// <summary>An encoding in a report.</summary>
/// <param name="Name">What tells it apart.</param>
/// <param name="Description">The encoding as data.</param>
/// <param name="Options">Every option with its value.</param>
/// <param name="ViolationsExpected">Whether its violations are shown but are no failure.</param>
/// <param name="Note">Remark.</param>
public sealed record EncodingEntry(
    string Name,
    EncodingDescription Description,
    IReadOnlyList<KeyValuePair<string, string>> Options,
    bool ViolationsExpected,
    string Note)
{
    private const long GfnsPerGiB = 262_144;

    /// <summary>What it counts of itself.</summary>
    public IReadOnlyList<OwnEventSpec> OwnEvents { get; init; } = [];

    /// <summary>The name, with a star if it is our own variant of an idea that was never posted.</summary>
    public string Starred => IsNeverPosted ? Name + "*" : Name;

    /// <summary>Whether it is our own variant of an idea that was never posted.</summary>
    public bool IsNeverPosted => Description.Traits.HasFlag(EncodingTraits.NeverPosted);

    /// <summary>Whether it could not be built.</summary>
    public bool IsReferencePoint => Description.Traits.HasFlag(EncodingTraits.ReferencePoint);

    /// <summary>What it adds to the uAPI, as a count of its parts.</summary>
    internal int UapiParts => Description.Capabilities.Count + Description.Flags.Count + Description.Ioctls.Count
        + Description.Structs.Count + Description.Constants.Count;

    /// <summary>Shared state for 1 GiB of guest memory in 4 KiB frames.</summary>
    public long StateBytesPerGiB => StateBytes(Description);

    internal static long StateBytes(EncodingDescription description) => GfnsPerGiB * description.BitsPerGfn / 8;
}

/// <summary>A workload in a report.</summary>
/// <param name="Name">What tells it apart.</param>
/// <param name="Policy">Its common policy.</param>
/// <param name="Predict">Its accuracy of prediction where nothing else is said.</param>
/// <param name="Vcpus">vCPUs.</param>
/// <param name="TasksPerVcpu">Guest tasks per vCPU.</param>
/// <param name="Gfns">Frames in the armed memslot.</param>
/// <param name="Notes">Remarks for the reader.</param>
public sealed record WorkloadEntry(
    string Name, string Policy, decimal Predict, int Vcpus, int TasksPerVcpu, long Gfns, IReadOnlyList<string> Notes);

/// <summary>Which policy a cell stands for.</summary>
public enum PolicyRole
{
    /// <summary>The one of the workload, the same for all encodings.</summary>
    Common,
    /// <summary>The one under which this encoding is fastest.</summary>
    Best,
}

/// <summary>One encoding on one workload under one policy at one accuracy of prediction.</summary>
public sealed record Cell
{
    /// <summary>Name of the encoding.</summary>
    public required string Encoding { get; init; }
    /// <summary>Name of the workload.</summary>
    public required string Workload { get; init; }
    /// <summary>The policy.</summary>
    public required string Policy { get; init; }
    /// <summary>What it stands for. The metrics that compare take the baseline and the oracle in the same
    /// role.</summary>
    public required PolicyRole Role { get; init; }
    /// <summary>Accuracy of prediction; null: the result is the same at all of them.</summary>
    public required decimal? Predict { get; init; }
    /// <summary>Metrics in the order of <see cref="Metric"/>; null where one cannot be told. Empty after an
    /// error.</summary>
    public OrderedDictionary<Metric, Summary?> Metrics { get; init; } = [];
    /// <summary>Violations, all repetitions together. Empty after an error.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Violations { get; init; } = [];
    /// <summary>Events that the encoding counts of itself, by name. Empty after an error.</summary>
    public IReadOnlyList<KeyValuePair<string, Summary>> OwnEvents { get; init; } = [];
    /// <summary>How many faults took how long, all repetitions together: by the longest latency of a bucket, those
    /// without any left out.</summary>
    internal IReadOnlyList<KeyValuePair<long, long>> FaultLatencies { get; init; } = [];
    /// <summary>How the encoding broke the contract; empty if it did not.</summary>
    public string Error { get; init; } = "";
    /// <summary>Elapsed time of each repetition; empty if one did not finish.</summary>
    internal IReadOnlyList<decimal> Elapsed { get; init; } = [];

    /// <summary>A metric; null if it cannot be told.</summary>
    public Summary? this[Metric metric] => Metrics.GetValueOrDefault(metric);

    /// <summary>Mean of a metric for each fault; null if it cannot be told.</summary>
    public decimal? PerFault(Metric metric) =>
        this[metric] is { } value && this[Metric.Faults] is { Mean: > 0 } faults ? value.Mean / faults.Mean : null;
}

/// <summary>An encoding under every policy looked at.</summary>
/// <param name="Encoding">Name of the encoding.</param>
/// <param name="Workload">Name of the workload.</param>
/// <param name="Predict">Accuracy of prediction; null: the same at all of them.</param>
/// <param name="Outcomes">One for each policy, the common one first.</param>
internal sealed record PolicySearch(string Encoding, string Workload, decimal? Predict,
    IReadOnlyList<PolicyOutcome> Outcomes);

/// <summary>What became of an encoding under one policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="ElapsedNs">Mean over the repetitions; null where one did not finish.</param>
/// <param name="Violations">Those that occurred, all repetitions together.</param>
/// <param name="Error">How the encoding broke the contract; empty if it did not.</param>
internal sealed record PolicyOutcome(string Policy, decimal? ElapsedNs, IReadOnlyList<KeyValuePair<string,
    long>> Violations, string Error)
{
    /// <summary>Whether a rule or the contract was broken.</summary>
    public bool IsBroken => Violations.Count > 0 || Error.Length > 0;
}

/// <summary>Whether a claim holds.</summary>
public enum Verdict
{
    /// <summary>The whole interval satisfies it.</summary>
    Holds,
    /// <summary>The whole interval contradicts it.</summary>
    DoesNotHold,
    /// <summary>The interval straddles the value, or there is nothing to measure.</summary>
    NotDecided,
}

/// <summary>A claim and what was measured.</summary>
/// <param name="Source">Folder of the proposal; empty for an expectation.</param>
/// <param name="Claim">The claim.</param>
/// <param name="Verdict">Whether it holds.</param>
/// <param name="Measured">The quantity; null if there is nothing to measure.</param>
/// <param name="Reason">Why it is not decided, where the interval does not say it.</param>
public sealed record ClaimResult(string Source, Claim Claim, Verdict Verdict, Summary? Measured, string Reason)
{
    /// <summary>What was measured, and beside it the bound.</summary>
    public string Beside => Reports.ClaimText.Beside(this);
}

/// <summary>A statement that follows from the cells.</summary>
/// <param name="Workload">The workload it is about.</param>
/// <param name="Text">One or more sentences.</param>
internal sealed record Finding(string Workload, string Text);
