using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Cost tables in which all prices vary together.</summary>
internal static class CostPoints
{
    /// <summary>Points looked at: each price has one in every 64th of its range.</summary>
    public const int Count = 64;

    private const int BitsOfFraction = 16;

    /// <summary>Scrambled Sobol points. Within its range a price is as likely to be doubled here as there, unless the
    /// range begins at 0: then each value is as likely.</summary>
    public static IReadOnlyList<PricedCosts> All(CostTable costs, ulong seed)
    {
        var moving = costs.Entries.Where(e => e.LowNs < e.HighNs).ToArray();
        var points = Sobol.Points(Count, moving.Length, seed);
        var roots = moving.Select(Roots).ToArray();
        return
        [
            .. points.Select((point, number) => new PricedCosts(Invariant($"together={number + 1}"),
                new([.. costs.Entries.Select(e => Array.IndexOf(moving, e) is var at and >= 0
                    ? e with { Ns = At(e, roots[at], point[at]) } : e)]))),
        ];
    }

    /// <summary>The square root of how many times its low end the high end is, the root of that, and so on.</summary>
    private static decimal[] Roots(CostEntry entry)
    {
        var roots = new decimal[BitsOfFraction];
        var ratio = entry.LowNs == 0 ? 1 : (decimal)entry.HighNs / entry.LowNs;
        for (var i = 0; i < roots.Length; i++)
        {
            roots[i] = ratio = DecimalMath.Sqrt(ratio);
        }

        return roots;
    }

    private static long At(CostEntry entry, decimal[] roots, uint point)
    {
        if (entry.LowNs == 0)
        {
            return (long)(((UInt128)(ulong)entry.HighNs * point) >> 32);
        }

        decimal value = entry.LowNs;
        for (var i = 0; i < roots.Length; i++)
        {
            value *= (point >> (31 - i) & 1) != 0 ? roots[i] : 1;
        }

        return Math.Clamp((long)Math.Round(value), entry.LowNs, entry.HighNs);
    }
}
