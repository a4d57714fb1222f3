using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Lab.Published;

/// <summary>Fits the costs that a publication leaves open to the rows that are marked for it, and simulates every row
/// with them.</summary>
public static class PublishedComparison
{
    /// <summary>Runs every series, in the order given: later ones use what earlier ones hand on.</summary>
    /// <param name="rows">What was published; a series has the rows of its name.</param>
    /// <param name="series">How each is reproduced.</param>
    /// <param name="costs">Costs of a host with the factor 1.</param>
    /// <param name="seed">Root of all random choices.</param>
    public static IReadOnlyList<PublishedResult> Run(IReadOnlyList<PublishedRow> rows,
        IReadOnlyList<PublishedSeries> series, CostTable costs, ulong seed)
    {
        var handedOn = new PublishedCosts(costs, 1_000, new Dictionary<Cost, long>());
        var factors = new Dictionary<string, long>();
        List<PublishedResult> results = [];
        foreach (var one in series)
        {
            PublishedRow[] own = [.. rows.Where(r => r.Table == one.Table && r.Series == one.Name)];
            var mine = handedOn with { FactorPermille = factors.GetValueOrDefault(one.Table, 1_000) };
            PublishedFitted[] fitted = [];
            PublishedFitted[] before;
            // Two costs that pull at each other's row: after a few rounds both rows are met, and a round changes
            // nothing.
            var round = 0;
            do
            {
                before = fitted;
                fitted = new PublishedFitted[one.Fits.Count];
                for (var i = 0; i < fitted.Length; i++)
                {
                    var fit = one.Fits[i];
                    var value = Fit(one, fit, own.Single(r => r.Vcpus == fit.Vcpus), mine, seed);
                    mine = mine.With(fit.Cost, value);
                    fitted[i] = new(fit, value);
                }
            }
            while (++round < Rounds(one) && !fitted.SequenceEqual(before));

            handedOn = one.HandsOn.Aggregate(handedOn, (all, cost) => all.With(cost, mine.Fitted[cost]));
            if (one.SetsHost)
            {
                factors[one.Table] = mine.FactorPermille;
            }

            results.Add(new(one, fitted,
                [.. own.Select(r => new PublishedOutcome(r, Simulate(one, r.Vcpus, mine, seed)))]));
        }

        return results;
    }

    private static int Rounds(PublishedSeries series) => series.Fits.Count > 1 ? 4 : 1;

    /// <summary>The lowest value with which the machine is not faster than the row; a dearer step never makes it
    /// faster.</summary>
    private static long Fit(PublishedSeries series, PublishedFit fit, PublishedRow row, PublishedCosts costs,
        ulong seed)
    {
        const long MaxNs = 50_000, MaxPermille = 10_000;
        long low = fit.Cost is null ? 1 : 0;
        var high = fit.Cost is null ? MaxPermille : MaxNs;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Simulate(series, row.Vcpus, costs.With(fit.Cost, middle), seed) > row.PagesPerSecond)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static long Simulate(PublishedSeries series, int vcpus, PublishedCosts costs, ulong seed)
    {
        using var simulator = new Simulator(series.Encoding ?? new StockKvm(), series.Workload(vcpus), costs.Table(),
            seed);
        var run = simulator.Run();
        var vms = run.Faults * 1_000_000_000 / run.ElapsedNs;
        return series.IsPerVcpu ? vms / vcpus : vms;
    }
}

/// <summary>A cost table for one host: every cost times a factor, but for those that were fitted.</summary>
/// <param name="Base">Costs of a host with the factor 1.</param>
/// <param name="FactorPermille">The factor, in thousandths.</param>
/// <param name="Fitted">Fitted values, ns.</param>
internal sealed record PublishedCosts(CostTable Base, long FactorPermille, IReadOnlyDictionary<Cost, long> Fitted)
{
    public PublishedCosts With(Cost? cost, long value) => cost is { } kind
        ? this with { Fitted = Fitted.Where(f => f.Key != kind).Append(new(kind, value)).ToDictionary() }
        : this with { FactorPermille = value };

    public CostTable Table() => Base.Entries.Aggregate(Base, (table, entry) =>
        table.With(entry.Kind, Fitted.TryGetValue(entry.Kind, out var ns) ? ns
            : ((entry.Ns * FactorPermille) + 500) / 1_000));
}
