using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Comparisons;

/// <summary>
/// Runs every workload under its common policy with each cost at both ends of its range, and looks for pairs of
/// encodings whose order is reversed. An order counts at the costs of the comparison if the 95 % interval of the ratio
/// of elapsed times excludes 1 and its mean is at least one per cent away; it is reversed if the same holds the other
/// way round.
/// </summary>
internal static class StabilityPhase
{
    private const decimal Margin = 0.01m;

    public static RankingStability? Run(ComparisonRun comparison)
    {
        var (seeds, encodings) = Asked(comparison);
        if (seeds == 0)
        {
            return null;
        }

        comparison.Pool.Do("cost ranges", Jobs(comparison));
        var tables = CostEnds.Each(comparison.Plan.Costs);
        return new(tables.Count, seeds,
            [.. comparison.Plan.Workloads.Select(w => Row(comparison, encodings, tables, w, seeds))]);
    }

    /// <summary>What it takes; nothing where it is not asked for.</summary>
    public static IEnumerable<RunJob> Jobs(ComparisonRun comparison)
    {
        var (seeds, encodings) = Asked(comparison);
        return seeds == 0 ? []
            : from workload in comparison.Plan.Workloads
              from costs in CostEnds.Each(comparison.Plan.Costs)
              from encoding in encodings
              from job in comparison.Jobs(encoding, Variation(workload), costs, seeds)
              select job;
    }

    /// <summary>Repetitions, none where there is nothing to put in order, and encodings.</summary>
    private static (int Seeds, PlannedEncoding[] Encodings) Asked(ComparisonRun comparison)
    {
        PlannedEncoding[] encodings =
            [.. comparison.Plan.Encodings.Where(e => !e.IsReferencePoint || e == comparison.Baseline)];
        return (encodings.Length < 2 ? 0 : Math.Min(comparison.Plan.StabilitySeeds, comparison.Plan.Seeds.Count),
            encodings);
    }

    private static StabilityRow Row(ComparisonRun comparison, PlannedEncoding[] encodings,
        IReadOnlyList<PricedCosts> tables, PlannedWorkload workload, int seeds)
    {
        var ordered = (
            from a in encodings
            from b in encodings
            where a != b && IsFaster(comparison, a, b, Variation(workload), comparison.Costs, seeds)
            select (Faster: a, Slower: b)).ToArray();
        var flips =
            Pairs(ordered, tables, (a, b, costs) => IsFaster(comparison, b, a, Variation(workload), costs, seeds));
        var ties = Pairs(ordered, tables, (a, b, costs) =>
            Ratio(comparison, a, b, Variation(workload), costs, seeds) is not null
            && !IsFaster(comparison, a, b, Variation(workload), costs, seeds)
            && !IsFaster(comparison, b, a, Variation(workload), costs, seeds));
        var dependent = flips.Concat(ties).Select(p => new RankingPair(p.Faster, p.Slower)).ToHashSet();
        return new(workload.Name, ordered.Length, flips, ties,
            [.. ordered.Select(p => new RankingPair(p.Faster.Name, p.Slower.Name)).Where(p => !dependent.Contains(p))]);
    }

    /// <summary>The pairs to which something happens under some costs, with these.</summary>
    private static RankingFlip[] Pairs(
        (PlannedEncoding Faster, PlannedEncoding Slower)[] ordered,
        IReadOnlyList<PricedCosts> tables,
        Func<PlannedEncoding, PlannedEncoding, PricedCosts, bool> happens) =>
    [
        .. from pair in ordered
           let causes = tables.Where(t => happens(pair.Faster, pair.Slower, t)).Select(t => t.Key).ToArray()
           where causes.Length > 0
           select new RankingFlip(pair.Faster.Name, pair.Slower.Name, causes),
    ];

    private static bool IsFaster(ComparisonRun comparison, PlannedEncoding a, PlannedEncoding b, Variation workload,
        PricedCosts costs, int seeds) =>
        Ratio(comparison, a, b, workload, costs, seeds) is { HasInterval: true } ratio && ratio.Low > 1
            && ratio.Mean >= 1 + Margin;

    private static Summary? Ratio(ComparisonRun comparison, PlannedEncoding a, PlannedEncoding b, Variation workload,
        PricedCosts costs, int seeds) =>
        comparison.SampleOf(a, workload, costs, seeds)?.SpeedupOver(comparison.SampleOf(b, workload, costs, seeds));

    private static Variation Variation(PlannedWorkload workload) =>
        workload.At(workload.Predict, workload.CommonPolicy);
}
