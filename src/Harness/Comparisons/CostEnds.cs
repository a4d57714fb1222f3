using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Cost tables at the ends of the ranges.</summary>
internal static class CostEnds
{
    /// <summary>All constants at one end.</summary>
    public static PricedCosts All(CostTable costs, bool high) => new("all=" + End(high), costs.AtEnd(high));

    /// <summary>All at the low end, all at the high end, then each constant at both of its own. A constant whose range
    /// is a point is left out.</summary>
    public static IReadOnlyList<PricedCosts> Each(CostTable costs) =>
    [
        All(costs, high: false),
        All(costs, high: true),
        .. from entry in costs.Entries
           from high in new[] { false, true }
           let ns = high ? entry.HighNs : entry.LowNs
           where ns != entry.Ns
           select new PricedCosts(KeyOf(entry, high), costs.With(entry.Kind, ns)),
    ];

    /// <summary>A constant at one end.</summary>
    public static string KeyOf(CostEntry entry, bool high) => $"{entry.Name}={End(high)}";

    private static string End(bool high) => high ? "high" : "low";
}
