using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>Claims as one line of formula and one of measurement.</summary>
internal static class ClaimText
{
    /// <summary>What is claimed: <c>backToBackApf per faults of multi-bit on all-sync under resolve &lt;=
    /// 0.01</c>.</summary>
    public static string Formula(Claim claim)
    {
        var metric = claim.Per is null ? claim.Metric.Name : $"{claim.Metric} per {claim.Per}";
        var against = claim.Versus is null ? "" : claim.By == VersusMode.Ratio ? $" / that of {claim.Versus.Name}"
            : $" - that of {claim.Versus.Name}";
        return $"{metric} of {claim.Encoding.Name}{against} on {claim.Workload.Name} under "
            + $"{claim.Policy ?? claim.Workload.CommonPolicy} "
            + Bound(claim);
    }

    /// <summary>What was measured, and beside it the bound.</summary>
    public static string Beside(ClaimResult result) => $"measured {Measured(result)}, claimed {Bound(result.Claim)}";

    /// <summary>What was measured, or why nothing was.</summary>
    public static string Measured(ClaimResult result) =>
        result.Measured is { } measured ? Words.Interval(measured, 4) : result.Reason;

    private static string Bound(Claim claim) => $"{Words.Of(claim.Relation)} {claim.Value.Text()}"
        + (claim.Tolerance == 0 ? "" : $" +/- {claim.Tolerance.Text()}");
}
