namespace UapiLab.Harness.Comparisons;

/// <summary>
/// Looks for the fetch time at which an encoding is as fast as the baseline: first on a coarse grid from the long end,
/// then between the two neighbours where the speed-up crosses 1 by bisection on a finer one. All encodings and cost
/// tables take each step together, so that a step is one batch of runs.
/// </summary>
internal sealed class BreakEvenPhase
{
    /// <summary>A speed-up as near to 1 as this is not told from 1.</summary>
    private const decimal Margin = 0.0005m;

    /// <summary>Points of the fine grid in a decade, ns; every fourth one is on the coarse grid.</summary>
    private static readonly decimal[] s_decade =
        [1.00m, 1.15m, 1.33m, 1.54m, 1.78m, 2.05m, 2.37m, 2.74m, 3.16m, 3.65m, 4.22m, 4.87m, 5.62m, 6.49m, 7.50m,
            8.66m];
    private const int CoarseStep = 4;

    private readonly ComparisonRun _comparison;
    private readonly BreakEvenPlan _plan;
    private readonly long[] _grid;
    private readonly Dictionary<long, PlannedWorkload> _workloads = [];

    private BreakEvenPhase(ComparisonRun comparison, BreakEvenPlan plan)
    {
        this._comparison = comparison;
        this._plan = plan;
        _grid = [.. Grid(plan.LowNs, plan.HighNs)];
    }

    public static BreakEvenResult? Run(ComparisonRun comparison, BreakEvenPlan plan) =>
        comparison.Baseline is null ? null : new BreakEvenPhase(comparison, plan).Run();

    /// <summary>What it takes before a result decides where to look next; nothing without a search.</summary>
    public static IEnumerable<RunJob> Jobs(ComparisonRun comparison)
    {
        if (comparison.Baseline is null || comparison.Plan.BreakEven is not { } plan)
        {
            return [];
        }

        var phase = new BreakEvenPhase(comparison, plan);
        return phase.Jobs(phase.First);
    }

    private PricedCosts[] Tables =>
    [
        _comparison.Costs, CostEnds.All(_comparison.Plan.Costs, high: false),
        CostEnds.All(_comparison.Plan.Costs, high: true),
    ];

    private int[] Coarse =>
        [.. Enumerable.Range(0, _grid.Length).Where(i => i % CoarseStep == 0 || i == _grid.Length - 1)];

    private IEnumerable<(PlannedEncoding Encoding, PricedCosts Costs, int Point)> First =>
        from costs in Tables
        from encoding in _comparison.Plan.Encodings
        from i in Coarse
        select (encoding, costs, i);

    private BreakEvenResult Run()
    {
        var tables = Tables;
        string[] names = ["default", "low", "high"];
        var coarse = Coarse;
        Do(First);
        var searches = (
            from encoding in _comparison.Plan.Encodings
            where encoding != _comparison.Baseline
                && coarse.Any(i => Speedup(encoding, _comparison.Costs, i) is { } s && Math.Abs(s - 1) > Margin)
            from t in Enumerable.Range(0, tables.Length)
            select new Search(encoding, names[t], tables[t])).ToArray();
        foreach (var search in searches)
        {
            Bracket(search, coarse);
        }

        while (searches.Any(s => s.Open))
        {
            Do(searches.Where(s => s.Open)
                .SelectMany(s => new[] { (s.Encoding, s.Costs, s.Middle),
                (_comparison.Baseline!, s.Costs, s.Middle) }));
            foreach (var search in searches.Where(s => s.Open))
            {
                Narrow(search);
            }
        }

        return new(_plan.Name, At(_plan.HighNs).CommonPolicy.ToString(), _plan.LowNs, _plan.HighNs,
            [.. searches.Select(s => Row(s, coarse))]);
    }

    /// <summary>Finds the neighbours on the coarse grid between which the speed-up falls below 1, coming from the long
    /// end.</summary>
    private void Bracket(Search search, int[] coarse)
    {
        for (var i = coarse.Length - 1; i > 0; i--)
        {
            if (Speedup(search.Encoding, search.Costs, coarse[i]) >= 1
                && Speedup(search.Encoding, search.Costs, coarse[i - 1]) < 1 - Margin)
            {
                (search.Low, search.High) = (coarse[i - 1], coarse[i]);
                return;
            }
        }
    }

    private void Narrow(Search search)
    {
        if (Speedup(search.Encoding, search.Costs, search.Middle) is not { } speedup)
        {
            search.Low = search.High = -1; // cancelled or failed: no answer
        }
        else if (speedup >= 1)
        {
            search.High = search.Middle;
        }
        else
        {
            search.Low = search.Middle;
        }
    }

    private BreakEvenRow Row(Search search, int[] coarse)
    {
        var seen = coarse.Select(i => (Ns: _grid[i], Speedup: Speedup(search.Encoding, search.Costs, i)))
            .Where(p => p.Speedup is not null).ToArray();
        if (seen.Length == 0)
        {
            return new(search.Encoding.Name, search.Name, null, null, 0, null, 0, "no run finished");
        }

        var lowest = seen.MinBy(p => p.Speedup);
        var highest = seen.MaxBy(p => p.Speedup);
        long? crossing = search.High >= 0 ? _grid[search.High] : null;
        var remark =
            crossing is not null ? ""
            : lowest.Speedup >= 1 - Margin ? "never slower than the baseline in this range"
            : highest.Speedup <= 1 + Margin ? "never faster than the baseline in this range"
            : "slower at the long end: no crossing from faster to slower as fetches get shorter";
        return new(search.Encoding.Name, search.Name, crossing, lowest.Speedup, lowest.Ns, highest.Speedup, highest.Ns,
            remark);
    }

    private decimal? Speedup(PlannedEncoding encoding, PricedCosts costs, int point)
    {
        var workload = Variation(point);
        return _comparison.SampleOf(encoding, workload, costs,
            _plan.Seeds)?.SpeedupOver(_comparison.SampleOf(_comparison.Baseline, workload, costs, _plan.Seeds))?.Mean;
    }

    private void Do(IEnumerable<(PlannedEncoding Encoding, PricedCosts Costs, int Point)> points) =>
        _comparison.Pool.Do("break-even", Jobs(points));

    private IEnumerable<RunJob> Jobs(
        IEnumerable<(PlannedEncoding Encoding, PricedCosts Costs, int Point)> points) =>
        points.SelectMany(p => _comparison.Jobs(p.Encoding, Variation(p.Point), p.Costs, _plan.Seeds));

    private Variation Variation(int point)
    {
        var workload = At(_grid[point]);
        return workload.At(workload.Predict, workload.CommonPolicy);
    }

    private PlannedWorkload At(long ns)
    {
        if (!_workloads.TryGetValue(ns, out var workload))
        {
            workload = _plan.AtFetch(ns);
            _workloads.Add(ns, workload);
        }

        return workload;
    }

    private static IEnumerable<long> Grid(long low, long high)
    {
        for (long decade = 1; decade <= high; decade *= 10)
        {
            foreach (var step in s_decade)
            {
                var ns = (long)(decade * step);
                if (ns >= low && ns <= high)
                {
                    yield return ns;
                }
            }
        }
    }

    /// <summary>The search for one encoding and cost table; positions are on the fine grid, -1 = none.</summary>
    private sealed class Search(PlannedEncoding encoding, string name, PricedCosts costs)
    {
        public PlannedEncoding Encoding => encoding;
        public string Name => name;
        public PricedCosts Costs => costs;
        public int Low { get; set; } = -1;
        public int High { get; set; } = -1;
        public bool Open => High - Low > 1;
        public int Middle => (Low + High) / 2;
    }
}
