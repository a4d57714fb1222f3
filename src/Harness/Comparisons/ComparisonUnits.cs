namespace UapiLab.Harness.Comparisons;

/// <summary>What became of a unit: the runs of an encoding on a workload at some costs, or what KVM can tell with
/// it.</summary>
public sealed class UnitResult
{
    /// <summary>Its runs, by what tells them apart.</summary>
    public required SortedDictionary<string, RemoteOutcome> Runs { get; init; }

    /// <summary>What KVM can tell; null in a unit of runs, and where it cannot be asked.</summary>
    public KvmTells? Tells { get; init; }
}

/// <summary>The units of a comparison, in the order in which it comes to them. A plan alone says what they are, so that
/// whoever does some of them knows the others by number. What depends on other units (where a search for a break-even
/// goes on) is in none.</summary>
internal sealed class ComparisonUnits
{
    private readonly OrderedDictionary<string, int> _units = [];
    private readonly ComparisonRun _comparison;

    public ComparisonUnits(ComparisonRun comparison)
    {
        _comparison = comparison;
        foreach (var job in Matrix.Jobs(comparison).Concat(Rest))
        {
            Add(NameOf(job.Key));
        }

        foreach (var encoding in Comparison.Asked(comparison.Plan))
        {
            Add(NameOf(encoding));
        }
    }

    public IReadOnlyList<string> Names => [.. _units.Keys];

    /// <summary>The runs that no result decides, but for those of the matrix.</summary>
    public IEnumerable<RunJob> Rest =>
    [
        .. ClaimPhase.Jobs(_comparison, _comparison.Plan.Claims.Select(c => c.Claim)),
        .. ClaimPhase.Jobs(_comparison, _comparison.Plan.Expectations),
        .. SweepPhase.Jobs(_comparison), .. BreakEvenPhase.Jobs(_comparison), .. StabilityPhase.Jobs(_comparison),
    ];

    /// <returns>Null if it is in none.</returns>
    public int? Of(RunJob job) => Of(job.Key);

    /// <returns>Null if it is in none.</returns>
    public int? Of(RunKey run) => _units.TryGetValue(NameOf(run), out var unit) ? unit : null;

    public int Of(PlannedEncoding asked) => _units[NameOf(asked)];

    private void Add(string name) => _units.TryAdd(name, _units.Count);

    private static string NameOf(RunKey run) =>
        $"{run.Encoding} on {run.Workload.Workload}" + (run.Costs.Length == 0 ? "" : $" at {run.Costs}");

    private static string NameOf(PlannedEncoding asked) => "what KVM can tell with " + asked.Name;
}
