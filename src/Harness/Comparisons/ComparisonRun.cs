using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>What every phase of a comparison needs: the plan, the pool of runs, and how to ask it for one.</summary>
internal sealed class ComparisonRun(ComparisonPlan plan, RunPool pool)
{
    public ComparisonPlan Plan => plan;

    public RunPool Pool => pool;

    public PricedCosts Costs { get; } = new("", plan.Costs);

    public PlannedEncoding? Baseline { get; } = plan.Encodings.FirstOrDefault(e => e.Name == plan.Baseline);

    public PlannedEncoding? Oracle { get; } = plan.Encodings.FirstOrDefault(e => e.Name == plan.Oracle);

    /// <summary>One run for each of the first seeds.</summary>
    public IEnumerable<RunJob> Jobs(PlannedEncoding encoding, Variation workload, PricedCosts? costs = null,
        int seeds = int.MaxValue) =>
        plan.Seeds.Take(seeds).Select(seed => new RunJob(encoding.Encoding, workload, costs ?? Costs, seed));

    /// <summary>The same runs, done; null if one of them is missing or failed.</summary>
    public Sample? SampleOf(PlannedEncoding? encoding, Variation workload, PricedCosts? costs = null,
        int seeds = int.MaxValue)
    {
        if (encoding is null)
        {
            return null;
        }

        var results = new List<RunResult>();
        foreach (var job in Jobs(encoding, workload, costs, seeds))
        {
            if (pool.Of(job)?.Result is not { } result)
            {
                return null;
            }

            results.Add(result);
        }

        return new(results);
    }

    /// <summary>The first failure among these runs; null if there is none.</summary>
    public RunFailure? FailureOf(PlannedEncoding encoding, Variation workload) =>
        Jobs(encoding, workload).Select(job => pool.Of(job)?.Failure).FirstOrDefault(failure => failure is not null);
}
