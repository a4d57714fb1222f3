using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>The sentences that a report begins with.</summary>
public static class ReportSummary
{
    private const int Examples = 3;

    /// <summary>Whether the report is whole, whether rules were broken, whether claims hold, whether rankings
    /// do.</summary>
    public static IReadOnlyList<string> Of(ComparisonReport report) =>
    [
        .. Incomplete(report),
        .. Violations(report),
        .. Claims(report),
        .. Stability(report),
    ];

    private static IEnumerable<string> Incomplete(ComparisonReport report)
    {
        if (report.Incomplete.Length > 0)
        {
            yield return $"NOT WHOLE: {report.Incomplete}.";
        }

        foreach (var error in report.InputErrors)
        {
            yield return $"Wrong input: {error}.";
        }

        foreach (var error in report.InternalErrors)
        {
            yield return $"Error of the lab: {error}.";
        }
    }

    private static IEnumerable<string> Violations(ComparisonReport report)
    {
        var broken = Broken(report).ToArray();
        var held = broken.Where(b => !b.Encoding.ViolationsExpected).ToArray();
        yield return held.Length == 0
            ? broken.Length == 0 ? "No encoding broke a rule in these runs."
                : "No encoding broke a rule in these runs, but for those that are there to show what goes wrong."
            : $"VIOLATION: {string.Join(", ", held.Select(b => b.Encoding.Starred))}.";
        foreach (var (_, text) in broken)
        {
            yield return text;
        }
    }

    /// <summary>Encodings that broke a rule or the contract, and a sentence for each: what and where.</summary>
    internal static IEnumerable<(EncodingEntry Encoding, string Text)> Broken(ComparisonReport report) =>
        from search in report.PolicySearches
        from outcome in search.Outcomes
        where outcome.IsBroken
        group $"{What(outcome)} on {search.Workload} under {outcome.Policy}{(search.Predict is { } p
            ? $" at predict={p.Text()}" : "")}" by search.Encoding into places
        let entry = report.EncodingOf(places.Key)
        let mark = entry.ViolationsExpected ? " (reported as it comes out)" : ""
        let more = places.Distinct().Count() - Examples
        select (entry, $"{entry.Starred}{mark}: {string.Join("; ", places.Distinct().Take(Examples))}"
            + $"{(more > 0 ? Invariant($"; and {more} more") : "")}.");

    private static string What(PolicyOutcome outcome) =>
        outcome.Error.Length > 0 ? "defect"
            : string.Join(", ", outcome.Violations.Select(v => Invariant($"{v.Key} {v.Value}")));

    private static IEnumerable<string> Claims(ComparisonReport report)
    {
        if (report.Claims.Count == 0)
        {
            yield break;
        }

        yield return ClaimText.Count(ClaimText.OfProposals, report.Claims);
        foreach (var claim in report.Claims.Where(c => c.Verdict != Verdict.Holds))
        {
            yield return ClaimText.Failure(claim);
        }
    }

    private const int MostPrices = 3;

    internal static IEnumerable<string> Stability(ComparisonReport report)
    {
        if (report.Stability is not { } stability)
        {
            yield break;
        }

        var ordered = stability.Rows.Sum(r => r.Orderings.Count);
        var flips = stability.Rows.Sum(r => r.Flips.Count());
        var ties = stability.Rows.Sum(r => r.Ties.Count());
        yield return Invariant(
            $"{ordered} times one encoding is faster than another beyond noise. Some costs within their ranges ")
                + Invariant($"reverse {flips} of these orderings, and leave {ties} within noise.");
        var open = stability.Open.ToArray();
        var settling = open.Where(o => o.SettledBy is not null).CountBy(o => o.SettledBy!.Price)
            .OrderByDescending(p => p.Value).ToArray();
        if (settling.Length > 0)
        {
            yield return Invariant($"Of the {open.Length} that depend on costs one measured price would settle ")
                + Invariant($"{settling.Sum(p => p.Value)}: ")
                + string.Join(", ", settling.Take(MostPrices).Select(p => Invariant($"{p.Key} {p.Value}")))
                + (settling.Length > MostPrices
                    ? Invariant($", others {settling.Skip(MostPrices).Sum(p => p.Value)}") : "") + ".";
        }
    }
}
