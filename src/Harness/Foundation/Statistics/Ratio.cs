namespace UapiLab.Harness.Foundation.Statistics;

/// <summary>Comparison of two series that were measured with the same seeds.</summary>
internal static class Ratio
{
    /// <summary>Mean and interval of the ratio in each pair. Pairing removes what a seed does to both sides, so the
    /// interval is far narrower than that of two separate means.</summary>
    /// <param name="numerators">One value for each seed.</param>
    /// <param name="denominators">The value to compare with, for the same seeds in the same order; none is 0.</param>
    /// <returns>A number without unit; 1 means equal.</returns>
    /// <exception cref="ArgumentException">The lists are empty or differ in length, or a denominator is 0.</exception>
    /// <exception cref="OverflowException">A ratio exceeds <see cref="decimal"/>, about 7.9e28.</exception>
    public static Summary Of(IReadOnlyList<decimal> numerators, IReadOnlyList<decimal> denominators)
    {
        ArgumentNullException.ThrowIfNull(numerators);
        ArgumentNullException.ThrowIfNull(denominators);
        if (numerators.Count != denominators.Count)
        {
            throw new ArgumentException(
                $"{numerators.Count} values cannot be paired with {denominators.Count}.", nameof(denominators));
        }

        decimal[] ratios = new decimal[numerators.Count];
        for (int i = 0; i < ratios.Length; i++)
        {
            if (denominators[i] == 0)
            {
                throw new ArgumentException($"The value at position {i} is 0.", nameof(denominators));
            }

            ratios[i] = numerators[i] / denominators[i];
        }

        return Summary.Of(ratios);
    }
}
