using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Comparisons;

/// <summary>Turns the runs of the matrix into cells.</summary>
internal sealed class CellBuilder(ComparisonRun comparison, Matrix matrix)
{
    /// <summary>Every cell whose runs are all done.</summary>
    public IReadOnlyList<Cell> Build() =>
    [
        .. from workload in comparison.Plan.Workloads
           from encoding in comparison.Plan.Encodings
           from predict in matrix.Levels(encoding, workload)
           from role in new[] { PolicyRole.Common, PolicyRole.Best }
           let cell = Build(encoding, workload, predict, role)
           where cell is not null
           select cell,
    ];

    /// <summary>What became of every pair under every policy.</summary>
    public IReadOnlyList<PolicySearch> BuildSearches() =>
    [
        .. from workload in comparison.Plan.Workloads
           from encoding in comparison.Plan.Encodings
           from predict in matrix.Levels(encoding, workload)
           select new PolicySearch(encoding.Name, workload.Name, predict,
               [.. matrix.Candidates(workload).Select(policy => Outcome(encoding, workload, policy, predict))]),
    ];

    private PolicyOutcome Outcome(PlannedEncoding encoding, PlannedWorkload workload, VmmPolicy policy,
        decimal? predict)
    {
        var sample = matrix.SampleOf(encoding, workload, policy, predict);
        return new(
            policy.ToString(),
            sample is { Finished: true } ? sample.MeanElapsed : null,
            sample is null ? [] : [.. Violations(sample).Where(v => v.Value != 0)],
            matrix.FailureOf(encoding, workload, policy, predict) is { Kind: RunFailureKind.Defect } failure
                ? failure.Text : "");
    }

    private Cell? Build(PlannedEncoding encoding, PlannedWorkload workload, decimal? predict, PolicyRole role)
    {
        if (Policy(encoding, workload, predict, role) is not { } policy)
        {
            return null;
        }

        var cell = new Cell
        {
            Encoding = encoding.Name,
            Workload = workload.Name,
            Policy = policy.ToString(),
            Role = role,
            Predict = predict,
        };
        if (matrix.SampleOf(encoding, workload, policy, predict) is { } sample)
        {
            return cell with
            {
                Metrics = Metrics(encoding, sample, InRole(comparison.Baseline, workload, predict, role),
                    InRole(comparison.Oracle, workload, predict, role)),
                Violations = Violations(sample),
                OwnEvents =
                [
                    .. encoding.Encoding.OwnEvents.Index().Select(e => KeyValuePair.Create(e.Item.Name,
                        sample.Summarise(r => r.OwnEvents.ElementAtOrDefault(e.Index)))),
                ],
                FaultLatencies = FaultLatencies(sample),
                Elapsed = sample.Finished && sample.Elapsed.All(e => e > 0) ? sample.Elapsed : [],
            };
        }

        return matrix.FailureOf(encoding, workload, policy, predict) is { } failure ? cell with { Error = failure.Text }
            : null;
    }

    private VmmPolicy? Policy(PlannedEncoding? encoding, PlannedWorkload workload, decimal? predict, PolicyRole role) =>
        role == PolicyRole.Common ? workload.CommonPolicy : matrix.Best(encoding, workload, predict);

    private Sample? InRole(PlannedEncoding? encoding, PlannedWorkload workload, decimal? predict, PolicyRole role) =>
        Policy(encoding, workload, predict, role) is { } policy ? matrix.SampleOf(encoding, workload, policy, predict)
            : null;

    private static OrderedDictionary<Metric, Summary?> Metrics(
        PlannedEncoding encoding, Sample sample, Sample? baseline, Sample? oracle) =>
        new([
            .. Metric.OfRun.Select(m => KeyValuePair.Create(m, (Summary?)sample.Summarise(m.Value!))),
            new(Metric.Speedup, sample.SpeedupOver(baseline)),
            new(Metric.OracleShare, sample.ShareOfGain(baseline, oracle)),
            new(Metric.StateBytes, Summary.Of([EncodingEntry.StateBytes(encoding.Encoding.Description)])),
        ]);

    private static KeyValuePair<long, long>[] FaultLatencies(Sample sample) =>
    [
        .. from bucket in LatencyBuckets.Ends.Index()
           let faults = sample.Runs.Sum(r => r.LatencyCounts.ElementAtOrDefault(bucket.Index))
           where faults > 0
           select KeyValuePair.Create(bucket.Item, faults),
    ];

    private static KeyValuePair<string, long>[] Violations(Sample sample) =>
        [.. Metric.Violations.Select(m => KeyValuePair.Create(m.Name, (long)sample.Runs.Sum(m.Value!)))];
}
