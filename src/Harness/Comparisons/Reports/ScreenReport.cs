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
        Claims(page, ClaimText.OfProposals, report.Claims);
        Claims(page, "Expectations", report.Expectations);
        return page.ToString();
    }

    private static void Claims(TextPage page, string title, IReadOnlyList<ClaimResult> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        page.Wrap(ClaimText.Count(title, results));
        var others = results.Where(r => r.Verdict != Verdict.Holds).ToArray();
        foreach (var other in others.Take(MostClaims))
        {
            page.Wrap(ClaimText.Failure(other), "- ", "  ");
        }

        if (others.Length > MostClaims)
        {
            page.Add(Invariant($"- and {others.Length - MostClaims} more"));
        }
    }
}
