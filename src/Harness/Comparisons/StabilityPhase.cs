using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>
/// Runs every workload under its common policy with each cost at both ends of its range, and with all of them anywhere
/// in theirs, and looks for pairs of encodings whose order changes. An order counts at the costs of the comparison if
/// the 95 % interval of the ratio of elapsed times excludes 1 and its mean is at least one per cent away; it is
/// reversed if the same holds the other way round. At a point at which all vary together the mean alone decides: a
/// point has few repetitions, and there are many points.
/// </summary>
internal static class StabilityPhase
{
    private const decimal Margin = 0.01m;
    private const int PointSeeds = 2;
    private const int TornadoBars = 5;
    private const int LeastExceptions = 3;

    /// <summary>What moves an order by less is not shown.</summary>
    private const decimal LeastBar = 0.002m;

    public static RankingStability? Run(ComparisonRun comparison)
    {
        var asked = Asked(comparison);
        if (asked.Seeds == 0)
        {
            return null;
        }

        comparison.Pool.Do("cost ranges", Jobs(comparison));
        return new(asked.Ends.Count, asked.Seeds, asked.Points, asked.PointSeeds,
            [.. comparison.Plan.Workloads.Select(w => Row(comparison, asked, w))]);
    }

    /// <summary>What it takes; nothing where it is not asked for.</summary>
    public static IEnumerable<RunJob> Jobs(ComparisonRun comparison)
    {
        var asked = Asked(comparison);
        return asked.Seeds == 0 ? []
            : from workload in comparison.Plan.Workloads
              from costs in asked.Ends.Select(t => (Table: t, asked.Seeds))
                  .Concat(asked.Points.Select(t => (Table: t, Seeds: asked.PointSeeds)))
              from encoding in asked.Encodings
              from job in comparison.Jobs(encoding, Variation(workload), costs.Table, costs.Seeds)
              select job;
    }

    private static Question Asked(ComparisonRun comparison)
    {
        var plan = comparison.Plan;
        PlannedEncoding[] encodings =
            [.. plan.Encodings.Where(e => !e.IsReferencePoint || e == comparison.Baseline)];
        var seeds = encodings.Length < 2 ? 0 : Math.Min(plan.StabilitySeeds, plan.Seeds.Count);
        return new(encodings, CostEnds.Each(plan.Costs), seeds, CostPoints.All(plan.Costs, plan.Seed),
            Math.Min(PointSeeds, seeds));
    }

    private static StabilityRow Row(ComparisonRun comparison, Question asked, PlannedWorkload workload)
    {
        var variation = Variation(workload);
        Sample?[] At(PricedCosts costs, int seeds) =>
            [.. asked.Encodings.Select(e => comparison.SampleOf(e, variation, costs, seeds))];
        var now = At(comparison.Costs, asked.Seeds);
        var ends = asked.Ends.Select(t => (t.Key, Samples: At(t, asked.Seeds))).ToArray();
        var points = asked.Points.Select(t => (Costs: t, Samples: At(t, asked.PointSeeds))).ToArray();
        return new(workload.Name,
        [
            .. from a in Enumerable.Range(0, asked.Encodings.Length)
               from b in Enumerable.Range(0, asked.Encodings.Length)
               where a != b && Order(now[a], now[b]) == Outcome.Kept
               select Ordering(comparison.Plan.Costs, new(asked.Encodings[a].Name, asked.Encodings[b].Name),
                   Mean(now[a], now[b])!.Value,
                   [.. ends.Select(t => (t.Key, Order(t.Samples[a], t.Samples[b]), Mean(t.Samples[a], t.Samples[b])))],
                   [.. points.Select(p => (p.Costs, OrderOfMeans(p.Samples[a], p.Samples[b])))]),
        ]);
    }

    private static Ordering Ordering(CostTable costs, Ordering pair, decimal now,
        (string Key, Outcome Order, decimal? Ratio)[] ends, (PricedCosts Costs, Outcome Order)[] points)
    {
        IReadOnlyList<string> By(Outcome order) =>
        [
            .. ends.Where(t => t.Order == order).Select(t => t.Key),
            .. points.Where(p => p.Order == order).Select(p => p.Costs.Key).Take(1),
        ];
        var told = points.Where(p => p.Order != Outcome.NotTold).ToArray();
        return pair with
        {
            ReversedBy = By(Outcome.Reversed),
            TiedAt = By(Outcome.Tied),
            Kept = told.Count(p => p.Order == Outcome.Kept),
            Points = told.Length,
            SettledBy = SettledBy(costs, told),
            Tornado = Tornado(costs, now, ends.ToDictionary(t => t.Key, t => t.Ratio)),
        };
    }

    /// <summary>A pair is kept on one side of some value of a constant, and is not on the other: the constant and the
    /// value of which that is right at the most points. There are some thousand constants and values, and one of them
    /// fits one or two exceptions by chance: there have to be more, and three in four of them on their side.</summary>
    private static Settling? SettledBy(CostTable costs, (PricedCosts Costs, Outcome Order)[] points)
    {
        var kept = points.Count(p => p.Order == Outcome.Kept);
        Settling? best = null;
        var exceptions = Math.Min(kept, points.Length - kept);
        var most = points.Length - (exceptions / 4) - 1;
        foreach (var price in costs.Entries.Where(e => e.LowNs < e.HighNs && exceptions >= LeastExceptions))
        {
            var sorted = points.Select(p => (p.Costs.Table[price.Kind].Ns, IsKept: p.Order == Outcome.Kept))
                .OrderBy(p => p.Ns).ToArray();
            var keptBelow = 0;
            for (var below = 1; below < sorted.Length; below++)
            {
                keptBelow += sorted[below - 1].IsKept ? 1 : 0;
                var ifBelow = keptBelow + (sorted.Length - below) - (kept - keptBelow);
                var right = Math.Max(ifBelow, sorted.Length - ifBelow);
                if (right > most && sorted[below - 1].Ns < sorted[below].Ns)
                {
                    most = right;
                    best = new(price.Name, sorted[below].Ns, right == ifBelow, right);
                }
            }
        }

        return best;
    }

    private static TornadoBar[] Tornado(CostTable costs, decimal now, Dictionary<string, decimal?> ratios)
    {
        return
        [
            .. costs.Entries
                .Select(e => new TornadoBar(e.Name, ratios.GetValueOrDefault(CostEnds.KeyOf(e, high: false)),
                    ratios.GetValueOrDefault(CostEnds.KeyOf(e, high: true))))
                .Select(bar => (Bar: bar, Width: Math.Abs((bar.High ?? now) - (bar.Low ?? now))))
                .Where(b => b.Width >= LeastBar)
                .OrderByDescending(b => b.Width)
                .Take(TornadoBars)
                .Select(b => b.Bar),
        ];
    }

    private static Outcome Order(Sample? a, Sample? b) => a?.SpeedupOver(b) is null ? Outcome.NotTold
        : IsFaster(a, b!) ? Outcome.Kept : IsFaster(b!, a) ? Outcome.Reversed : Outcome.Tied;

    private static bool IsFaster(Sample a, Sample b) =>
        a.SpeedupOver(b) is { HasInterval: true } ratio && ratio.Low > 1 && ratio.Mean >= 1 + Margin;

    private static Outcome OrderOfMeans(Sample? a, Sample? b) => Mean(a, b) switch
    {
        null => Outcome.NotTold,
        >= 1 + Margin => Outcome.Kept,
        <= 1 / (1 + Margin) => Outcome.Reversed,
        _ => Outcome.Tied,
    };

    private static decimal? Mean(Sample? a, Sample? b) => a?.SpeedupOver(b)?.Mean;

    private static Variation Variation(PlannedWorkload workload) =>
        workload.At(workload.Predict, workload.CommonPolicy);

    /// <summary>Whether an encoding is still the faster one.</summary>
    private enum Outcome
    {
        NotTold,
        Kept,
        Tied,
        Reversed,
    }

    private sealed record Question(PlannedEncoding[] Encodings, IReadOnlyList<PricedCosts> Ends, int Seeds,
        IReadOnlyList<PricedCosts> Points, int PointSeeds);
}
