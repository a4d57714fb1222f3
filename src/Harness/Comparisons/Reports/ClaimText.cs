using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>Claims as one line of formula and one of measurement.</summary>
internal static class ClaimText
{
    /// <summary>What those of proposals are called in a count.</summary>
    public const string OfProposals = "Claims of the proposals";

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

    /// <summary>How many there are of each verdict.</summary>
    public static string Count(string title, IReadOnlyList<ClaimResult> results)
    {
        int Of(Verdict verdict) => results.Count(r => r.Verdict == verdict);
        return Invariant($"{title}: {Of(Verdict.Holds)} hold, {Of(Verdict.DoesNotHold)} do not, ")
            + Invariant($"{Of(Verdict.NotDecided)} are not decided.");
    }

    /// <summary>One that does not hold: its verdict, its words, what was measured, and beside it the bound.</summary>
    public static string Failure(ClaimResult result)
    {
        var name = result.Source.Length > 0 ? $"{result.Source} {result.Claim.Id}" : result.Claim.Id;
        return $"{result.Verdict.Words()}: {name}, {result.Claim.Text}: {Beside(result)}";
    }

    /// <summary>What was measured, and beside it the bound.</summary>
    public static string Beside(ClaimResult result) => $"measured {Measured(result)}, claimed {Bound(result.Claim)}";

    /// <summary>What was measured, or why nothing was.</summary>
    public static string Measured(ClaimResult result) =>
        result.Measured is { } measured ? Words.Interval(measured, 4) : result.Reason;

    /// <summary>What the quantity is compared with.</summary>
    public static string Bound(Claim claim) => $"{Words.Of(claim.Relation)} {claim.Value.Text()}"
        + (claim.Tolerance == 0 ? "" : $" +/- {claim.Tolerance.Text()}");
}
