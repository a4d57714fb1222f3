using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Reports;

/// <summary>The sentences that a report begins with.</summary>
public static class Verdicts
{
    /// <summary>Whether the report is whole, whether rules were broken, whether claims hold, whether rankings do.</summary>
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
        var broken = report.Cells
            .Where(c => WorkloadTable.Violations(c).Length > 0)
            .GroupBy(c => c.Encoding)
            .Select(g => (Entry: report.EncodingOf(g.Key), What: string.Join("; ", g.Select(c => $"{WorkloadTable.Violations(c)} on {c.Workload} under {c.Policy}").Distinct().Take(3)), More: g.Count() - 3))
            .ToArray();
        var held = broken.Where(b => !b.Entry.ReportedAsItComesOut).ToArray();
        yield return held.Length == 0
            ? "No encoding that is held to the rules broke one."
            : $"VIOLATION: {string.Join(", ", held.Select(b => b.Entry.Name))}.";
        foreach (var (entry, what, more) in broken)
        {
            var mark = entry.ReportedAsItComesOut ? " (reported as it comes out)" : "";
            yield return $"{entry.Name}{mark}: {what}{(more > 0 ? FormattableString.Invariant($"; and {more} more") : "")}.";
        }
    }

    private static IEnumerable<string> Claims(ComparisonReport report)
    {
        if (report.Claims.Count == 0)
        {
            yield break;
        }

        int Count(Verdict verdict) => report.Claims.Count(c => c.Verdict == verdict);
        yield return FormattableString.Invariant(
            $"Claims of the proposals: {Count(Verdict.Holds)} hold, {Count(Verdict.DoesNotHold)} do not, {Count(Verdict.NotDecided)} are not decided.");
        foreach (var claim in report.Claims.Where(c => c.Verdict != Verdict.Holds))
        {
            yield return $"{Words.Of(claim.Verdict)}: {claim.Source} {claim.Claim.Id}, {claim.Claim.Text}";
        }
    }

    private static IEnumerable<string> Stability(ComparisonReport report)
    {
        if (report.Stability is not { } stability)
        {
            yield break;
        }

        var ordered = stability.Rows.Sum(r => r.OrderedPairs);
        var flips = stability.Rows.Sum(r => r.Flips.Count);
        yield return FormattableString.Invariant(
            $"Of {ordered} orderings of two encodings beyond noise, {flips} are reversed by some cost within its range.");
    }
}
