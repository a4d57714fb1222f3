using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Lab.Concerns.Sweeps;

/// <summary>Cost tables of a sweep.</summary>
internal static class Prices
{
    public static PricedCosts Default { get; } = new("", CostTable.Default);

    /// <summary>The default table with some prices replaced.</summary>
    public static PricedCosts With(params IReadOnlyList<(Cost Kind, long Ns)> prices) => new(
        string.Join(',', prices.Select(p => Invariant($"{CostTableReader.NameOf(p.Kind)}={p.Ns}"))),
        prices.Aggregate(CostTable.Default, (table, p) => table.With(p.Kind, p.Ns)));
}
