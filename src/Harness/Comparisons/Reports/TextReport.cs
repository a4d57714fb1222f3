using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>report.txt: at most 80 lines of 72 columns of 7-bit ASCII, to be pasted into a mail: the answer, one table,
/// what breaks, what it rests on, the command. What there is no room for is in report.md.</summary>
internal static class TextReport
{
    /// <summary>Lines of the whole text.</summary>
    public const int MostLines = 80;

    private const int Width = 72;
    private const string Title = "Encodings of userfault signalling, compared on a simulated machine";

    /// <summary>The whole text.</summary>
    public static string Write(ComparisonReport report)
    {
        var page = new TextPage(Width, CleanText.Ascii);
        page.Add(Title).Add(new string('=', Title.Length)).Add();
        AnswerTable.Add(page, report);
        if (report.Claims.Count > 0)
        {
            page.Add().Wrap(ClaimText.Count(ClaimText.OfProposals, report.Claims));
        }

        var end = new TextPage(Width, CleanText.Ascii);
        RestsOn(end, report);
        var room = MostLines - end.Lines - 1;
        Items(page, room, "What breaks", Broken(report));
        Items(page, room, "What is claimed and does not hold", Claims(report));
        return page.Add() + end.ToString();
    }

    /// <summary>A section with as many of its texts as there are lines for.</summary>
    private static void Items(TextPage page, int room, string title, IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        var shown = 0;
        foreach (var text in all)
        {
            var item = new TextPage(Width, CleanText.Ascii).Wrap(text, "- ", "  ");
            // A heading takes three lines with the empty one, and what is left out one.
            if (page.Lines + item.Lines + (shown == 0 ? 3 : 0) + 1 > room)
            {
                break;
            }

            if (shown++ == 0)
            {
                page.Heading(title);
            }

            page.Wrap(text, "- ", "  ");
        }

        if (shown < all.Length)
        {
            page.Add(Invariant($"- {title}: {all.Length - shown} more in report.md"));
        }
    }

    private static IEnumerable<string> Broken(ComparisonReport report)
    {
        foreach (var error in report.InputErrors.Concat(report.InternalErrors))
        {
            yield return error;
        }

        var places = ReportSummary.Broken(report).ToArray();
        foreach (var (encoding, text) in places)
        {
            yield return text;
            foreach (var error in report.Cells.Where(c => c.Encoding == encoding.Name && c.Error.Length > 0)
                .Select(c => c.Error).Distinct())
            {
                yield return $"{encoding.Starred}: defect: {error}";
            }
        }

        if (places.Length > 0)
        {
            yield return $"How it comes about, step by step: uapilab check {places[0].Encoding.Name}";
        }
    }

    private static IEnumerable<string> Claims(ComparisonReport report) =>
        report.Claims.Concat(report.Expectations).Where(r => r.Verdict != Verdict.Holds).Select(ClaimText.Failure);

    private static void RestsOn(TextPage page, ComparisonReport report)
    {
        page.Heading("What it rests on");
        var assumed = report.Costs.Entries.Count(e => e.Origin == Simulation.CostOrigin.Assumed);
        string[] facts =
        [
            Invariant($"{report.Runs} simulated runs: seed {report.Seed}, {report.Seeds.Count} repetitions, ")
                + Invariant($"{report.Encodings.Count} encodings, {report.Workloads.Count} workloads. A speed-up is ")
                + "the elapsed time of the baseline divided by that of the encoding, paired by seed; two are told "
                + "apart by their 95 % intervals.",
            Invariant($"Costs from one table, {assumed} of {report.Costs.Entries.Count} of them assumed within a ")
                + "range."
                + string.Concat(ReportSummary.Stability(report).Select(s => " " + s)),
            "A model, not a kernel: docs/model.md says what is in it. report.md has every table, what the workloads "
                + "assume, and the costs; report.json every number.",
        ];
        foreach (var fact in facts)
        {
            page.Wrap(fact, "- ", "  ");
        }

        page.Add().Wrap(report.Command, "  ", "      ", " \\");
    }
}
