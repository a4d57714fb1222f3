namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Sums that stop at the largest value, since a damaged file may bring any times.</summary>
internal static class FactSums
{
    public static long Sum(IEnumerable<long> values) =>
        (long)values.Aggregate(Int128.Zero, (sum, value) => Int128.Min(sum + value, long.MaxValue));
}
