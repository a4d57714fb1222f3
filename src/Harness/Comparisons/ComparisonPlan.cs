using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Everything a comparison needs to know. It decides the result completely, but for <see cref="Threads"/>,
/// which decides nothing.</summary>
public sealed record ComparisonPlan
{
    /// <summary>The command that repeats the comparison.</summary>
    public required string Command { get; init; }
    /// <summary>Root of all seeds.</summary>
    public required ulong Seed { get; init; }
    /// <summary>Repetitions: one run each.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }
    /// <summary>Encodings in the order of the tables; the baseline and the oracle are among them or null.</summary>
    public required IReadOnlyList<PlannedEncoding> Encodings { get; init; }
    /// <summary>Name of the encoding that speed-ups are relative to.</summary>
    public string? Baseline { get; init; }
    /// <summary>Name of the encoding whose gain is the 100 % of <c>shareOfOracleGain</c>.</summary>
    public string? Oracle { get; init; }
    /// <summary>Workloads in the order of the tables.</summary>
    public required IReadOnlyList<PlannedWorkload> Workloads { get; init; }
    /// <summary>Policies among which an encoding finds its best one.</summary>
    public IReadOnlyList<VmmPolicy> Policies { get; init; } = DefaultPolicies;
    /// <summary>Accuracies of prediction reported where they matter.</summary>
    public IReadOnlyList<decimal> PredictLevels { get; init; } = [0, 0.5m, 1];
    /// <summary>Prices.</summary>
    public required CostTable Costs { get; init; }
    /// <summary>The file of the user's that some of them come from; empty if there is none.</summary>
    public string CostsOf { get; init; } = "";
    /// <summary>Claims of proposals: one that does not hold is a failure.</summary>
    public IReadOnlyList<(string Source, Claim Claim)> Claims { get; init; } = [];
    /// <summary>What theory says should come out: one that does not hold is a finding.</summary>
    public IReadOnlyList<Claim> Expectations { get; init; } = [];
    /// <summary>The search for the fetch time at which an encoding stops paying; null = none.</summary>
    public BreakEvenPlan? BreakEven { get; init; }
    /// <summary>The sweep over one workload parameter; null = none.</summary>
    public SweepPlan? Sweep { get; init; }
    /// <summary>Repetitions of each run of the stability analysis, the first of <see cref="Seeds"/>; 0 = no analysis.
    /// One repetition has no interval, so that nothing is beyond noise.</summary>
    public int StabilitySeeds { get; init; } = 5;
    /// <summary>Says whether KVM can tell sync from async with an encoding, or null where that cannot be asked; gives
    /// up when its second argument says so. Null = it is not asked. Reference points are not asked about.</summary>
    public Func<Encoding, Func<bool>, KvmTells?>? Tells { get; init; }
    /// <summary>Threads; 0 = as many as there are cores.</summary>
    public int Threads { get; init; }
    /// <summary>Runs some of the encodings outside this process; null = none. Decides nothing either, unless an
    /// encoding does not come back.</summary>
    public IRemoteRuns? Remote { get; init; }
    /// <summary>Units that were done before (<see cref="Comparison.Units"/>), by number. Decides nothing either: the
    /// others are done now.</summary>
    public IReadOnlyDictionary<int, UnitResult> Known { get; init; } = new Dictionary<int, UnitResult>();

    /// <summary>The policies that a comparison looks at by default.</summary>
    public static IReadOnlyList<VmmPolicy> DefaultPolicies { get; } =
    [
        new(PolicyKind.ResolveThenReenter),
        new(PolicyKind.ReenterThenResolve),
        new(PolicyKind.WaitThenHandOff, 0),
        new(PolicyKind.WaitThenHandOff, 10_000),
        new(PolicyKind.WaitThenHandOff, 100_000),
    ];
}

/// <summary>Whether KVM can tell a fault that the vCPU thread resolves from one that goes to an I/O task.</summary>
public enum KvmTells
{
    /// <summary>When it injects.</summary>
    Yes,
    /// <summary>Only after it has injected.</summary>
    AfterInjecting,
    /// <summary>Never.</summary>
    No,
    /// <summary>It need not: it never injects, or no fault goes to the vCPU thread.</summary>
    DoesNotArise,
    /// <summary>A bound was hit.</summary>
    NotDecided,
}

/// <summary>Where the fetch time is looked for at which an encoding is as fast as the baseline.</summary>
/// <param name="Name">The workload, for the reader.</param>
/// <param name="AtFetch">The workload with a constant fetch time, ns.</param>
/// <param name="LowNs">Shortest fetch looked at.</param>
/// <param name="HighNs">Longest.</param>
/// <param name="Seeds">Repetitions of each point, the first of the plan's seeds.</param>
public sealed record BreakEvenPlan(string Name, Func<long, PlannedWorkload> AtFetch, long LowNs, long HighNs,
    int Seeds);

/// <summary>A sweep over one parameter of a workload.</summary>
/// <param name="Name">The workload, for the reader.</param>
/// <param name="Parameter">What is varied.</param>
/// <param name="Doc">What the parameter means.</param>
/// <param name="Points">Its values with the workloads they give.</param>
public sealed record SweepPlan(string Name, string Parameter, string Doc, IReadOnlyList<KeyValuePair<decimal,
    PlannedWorkload>> Points)
{
    /// <summary>The highest speed-up that a value allows; null if none is known.</summary>
    public Func<decimal, decimal>? Bound { get; init; }

    /// <summary>A speed-up that was published for the workload; null if none was.</summary>
    public decimal? Published { get; init; }
}
