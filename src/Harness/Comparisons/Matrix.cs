using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Every encoding on every workload under every policy, at every accuracy of prediction where that
/// matters.</summary>
internal sealed class Matrix
{
    private readonly ComparisonRun _comparison;
    private readonly Dictionary<(string Encoding, string Workload), bool> _predictMatters = [];

    private Matrix(ComparisonRun comparison) => this._comparison = comparison;

    /// <summary>Runs it.</summary>
    public static Matrix Run(ComparisonRun comparison)
    {
        var matrix = new Matrix(comparison);
        comparison.Pool.Do("comparing", Jobs(comparison));
        foreach (var (encoding, workload) in matrix.Pairs())
        {
            matrix._predictMatters[(encoding.Name, workload.Name)] = matrix.Differs(encoding, workload);
        }

        comparison.Pool.Do("comparing predictions", matrix.Pairs()
            .SelectMany(p => matrix.PredictionJobs(p.Encoding, p.Workload)));
        return matrix;
    }

    /// <summary>What it takes, but for what the results show to matter.</summary>
    public static IEnumerable<RunJob> Jobs(ComparisonRun comparison)
    {
        var matrix = new Matrix(comparison);
        return matrix.Pairs().SelectMany(p => matrix.FirstJobs(p.Encoding, p.Workload));
    }

    /// <summary>Accuracies to be reported of a pair; a single null if the result is the same at all of them.</summary>
    public IReadOnlyList<decimal?> Levels(PlannedEncoding encoding, PlannedWorkload workload) =>
        workload.AtPredict is null ? [workload.Predict]
        : _predictMatters[(encoding.Name, workload.Name)] ? [.. _comparison.Plan.PredictLevels.Select(p => (decimal?)p)]
        : [null];

    /// <summary>The policy under which an encoding is fastest: among those without violation if there is one, and the
    /// first of equals. Null if nothing was finished.</summary>
    public VmmPolicy? Best(PlannedEncoding? encoding, PlannedWorkload workload, decimal? predict) =>
        encoding is null ? null : Candidates(workload)
            .Select(policy => (Policy: policy, Sample: SampleOf(encoding, workload, policy, predict)))
            .Where(c => c.Sample is { Finished: true })
            .OrderBy(c => c.Sample!.HasViolation)
            .ThenBy(c => c.Sample!.MeanElapsed)
            .Select(c => (VmmPolicy?)c.Policy)
            .FirstOrDefault();

    /// <summary>The runs of a pair under a policy.</summary>
    public Sample? SampleOf(PlannedEncoding? encoding, PlannedWorkload workload, VmmPolicy policy, decimal? predict) =>
        encoding is null ? null : _comparison.SampleOf(encoding, Variation(encoding, workload, policy, predict));

    /// <summary>What failed in them.</summary>
    public RunFailure? FailureOf(PlannedEncoding encoding, PlannedWorkload workload, VmmPolicy policy,
        decimal? predict) =>
        _comparison.FailureOf(encoding, Variation(encoding, workload, policy, predict));

    /// <summary>Policies that a workload is run under: its own first.</summary>
    public IEnumerable<VmmPolicy> Candidates(PlannedWorkload workload) =>
        _comparison.Plan.Policies.Prepend(workload.CommonPolicy).Distinct();

    /// <summary>An encoding on which predictions have no influence has been run at the workload's own accuracy
    /// only.</summary>
    private Variation Variation(PlannedEncoding encoding, PlannedWorkload workload, VmmPolicy policy,
        decimal? predict) =>
        workload.At(_predictMatters[(encoding.Name, workload.Name)] ? predict ?? workload.Predict
            : workload.Predict, policy);

    private IEnumerable<(PlannedEncoding Encoding, PlannedWorkload Workload)> Pairs() =>
        _comparison.Plan.Workloads.SelectMany(w => _comparison.Plan.Encodings.Select(e => (e, w)));

    /// <summary>Everything at the workload's own accuracy, and one seed at the extremes to see whether that
    /// matters.</summary>
    private IEnumerable<RunJob> FirstJobs(PlannedEncoding encoding, PlannedWorkload workload) =>
        Candidates(workload).SelectMany(policy => _comparison.Jobs(encoding, workload.At(workload.Predict, policy))
            .Concat(Extremes(workload).SelectMany(p => _comparison.Jobs(encoding, workload.At(p, policy), seeds: 1))));

    private IEnumerable<RunJob> PredictionJobs(PlannedEncoding encoding, PlannedWorkload workload) =>
        _predictMatters[(encoding.Name, workload.Name)]
            ? Candidates(workload).SelectMany(policy => _comparison.Plan.PredictLevels
                .SelectMany(p => _comparison.Jobs(encoding, workload.At(p, policy))))
            : [];

    private IEnumerable<decimal> Extremes(PlannedWorkload workload) =>
        workload.AtPredict is null ? [] : [_comparison.Plan.PredictLevels.Min(), _comparison.Plan.PredictLevels.Max()];

    /// <summary>Whether two runs of the first seed that differ in accuracy only had different results.</summary>
    private bool Differs(PlannedEncoding encoding, PlannedWorkload workload) =>
        Candidates(workload).Any(policy =>
        {
            var own = _comparison.SampleOf(encoding, workload.At(workload.Predict, policy), seeds: 1);
            return own is not null && Extremes(workload)
                .Select(p => _comparison.SampleOf(encoding, workload.At(p, policy), seeds: 1))
                .Any(other => other is null || !SameResult(own.Runs[0], other.Runs[0]));
        });

    private static bool SameResult(RunResult a, RunResult b) =>
        a.Violations.SequenceEqual(b.Violations) && a.LatencyCounts.SequenceEqual(b.LatencyCounts)
            && a.OwnEvents.SequenceEqual(b.OwnEvents)
            && a == b with
            {
                Violations = a.Violations,
                LatencyCounts = a.LatencyCounts,
                OwnEvents = a.OwnEvents,
            };
}
