namespace UapiLab.Harness.Foundation.Statistics;

/// <summary>Student's t: how many standard errors a two-sided 95 % confidence interval spans to each side.</summary>
internal static class StudentT
{
    // The usual printed table, degrees of freedom 1 to 30, then 40, 60, 120 and infinity.
    private static readonly decimal[] s_upTo30 =
    [
        12.706m, 4.303m, 3.182m, 2.776m, 2.571m, 2.447m, 2.365m, 2.306m, 2.262m, 2.228m,
        2.201m, 2.179m, 2.160m, 2.145m, 2.131m, 2.120m, 2.110m, 2.101m, 2.093m, 2.086m,
        2.080m, 2.074m, 2.069m, 2.064m, 2.060m, 2.056m, 2.052m, 2.048m, 2.045m, 2.042m,
    ];

    /// <summary>The factor for the given degrees of freedom, correct to 0.001.</summary>
    /// <param name="degreesOfFreedom">Number of samples less one, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="degreesOfFreedom"/> is below 1.</exception>
    public static decimal TwoSided95(int degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);
        return degreesOfFreedom switch
        {
            <= 30 => s_upTo30[degreesOfFreedom - 1],
            <= 40 => Between(degreesOfFreedom, 4, 2.042m, 3, 2.021m),
            <= 60 => Between(degreesOfFreedom, 3, 2.021m, 2, 2.000m),
            <= 120 => Between(degreesOfFreedom, 2, 2.000m, 1, 1.980m),
            _ => Between(degreesOfFreedom, 1, 1.980m, 0, 1.960m),
        };
    }

    /// <summary>Between two rows t is close to linear in 1 / df; rows are placed by 120 / df, which is a whole number
    /// for each of them.</summary>
    private static decimal Between(int df, decimal fromPlace, decimal from, decimal toPlace, decimal to) =>
        to + (from - to) * (120m / df - toPlace) / (fromPlace - toPlace);
}
