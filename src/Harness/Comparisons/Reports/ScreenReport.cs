using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>What is shown on a screen: the answer, one table, the claims that do not hold.</summary>
public static class ScreenReport
{
    private const int MostClaims = 5;

    /// <summary>The whole text, in lines of at most <paramref name="width"/> columns.</summary>
    /// <param name="report">The report.</param>
    /// <param name="width">Columns, at least 60.</param>
    public static string Write(ComparisonReport report, int width)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new TextPage(width, CleanText.Printable);
        AnswerTable.Add(page, report);
        page.Add();
        Claims(page, "Claims of the proposals", report.Claims);
        Claims(page, "Expectations", report.Expectations);
        return page.ToString();
    }

    private static void Claims(TextPage page, string title, IReadOnlyList<ClaimResult> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        int Count(Verdict verdict) => results.Count(r => r.Verdict == verdict);
        page.Wrap(Invariant($"{title}: {Count(Verdict.Holds)} hold, {Count(Verdict.DoesNotHold)} do not, ")
            + Invariant($"{Count(Verdict.NotDecided)} are not decided."));
        var others = results.Where(r => r.Verdict != Verdict.Holds).ToArray();
        foreach (var other in others.Take(MostClaims))
        {
            page.Wrap($"{other.Verdict.Words()}: {other.Source} {other.Claim.Id}, {other.Claim.Text}: "
                + $"{ClaimText.Beside(other)}", "- ", "  ");
        }

        if (others.Length > MostClaims)
        {
            page.Add(Invariant($"- and {others.Length - MostClaims} more"));
        }
    }
}
