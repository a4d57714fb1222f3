using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Foundation.Statistics;

/// <summary>Mean of some samples and its 95 % confidence interval by Student's t, in the samples' unit.</summary>
/// <param name="Count">Number of samples, at least 1.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="Low">Lower end of the interval; equal to <paramref name="Mean"/> for a single sample.</param>
/// <param name="High">Upper end of the interval; equal to <paramref name="Mean"/> for a single sample.</param>
public readonly record struct Summary(int Count, decimal Mean, decimal Low, decimal High)
{
    /// <summary>False for a single sample: it says nothing about the spread, so <see cref="Low"/> and
    /// <see cref="High"/> must not be shown as an interval.</summary>
    public bool HasInterval => Count > 1;

    /// <summary>Summarises independent samples, for example one for each seed. Their order does not matter.</summary>
    /// <param name="samples">At least one.</param>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    /// <exception cref="OverflowException">The sum or an end of the interval exceeds <see cref="decimal"/>, about
    /// 7.9e28.</exception>
    public static Summary Of(IReadOnlyList<decimal> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
        {
            throw new ArgumentException("A summary needs at least one sample.", nameof(samples));
        }

        // Long sums round, and where they round depends on the order: sorting makes it one order for all.
        decimal[] sorted = [.. samples];
        Array.Sort(sorted);
        decimal mean = sorted.Sum() / sorted.Length;
        if (sorted.Length == 1)
        {
            return new(1, mean, mean, mean);
        }

        decimal reach = StudentT.TwoSided95(sorted.Length - 1) * StandardError(sorted, mean);
        return new(sorted.Length, mean, mean - reach, mean + reach);
    }

    private static decimal StandardError(decimal[] sorted, decimal mean)
    {
        // Squares of nanoseconds would soon exceed a decimal; squares of deviations relative to the largest do not.
        decimal largest = Math.Max(mean - sorted[0], sorted[^1] - mean);
        if (largest == 0)
        {
            return 0;
        }

        decimal squares = 0;
        foreach (decimal sample in sorted)
        {
            decimal deviation = (sample - mean) / largest;
            squares += deviation * deviation;
        }

        // Divided one after the other: the product of both counts could exceed an int.
        return largest * DecimalMath.Sqrt(squares / (sorted.Length - 1) / sorted.Length);
    }
}
