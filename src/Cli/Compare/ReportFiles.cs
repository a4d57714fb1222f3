using System.Text;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Pages;

namespace UapiLab.Cli.Compare;

/// <summary>The files that <c>compare</c> writes into a directory.</summary>
internal static class ReportFiles
{
    /// <summary>In the order in which they are named. The page comes last: it is made from report.json.</summary>
    public static IReadOnlyList<OutputFormat<(ComparisonReport Report, ReportContext Context)>> All { get; } =
    [
        .. ReportFormats.All,
        new("report.html", "to be looked at: the answer, charts and tables in one file, for any browser, without a "
            + "network", r => ReportPage.Write(("report.json",
                Encoding.UTF8.GetBytes(JsonReport.Write(r.Report, r.Context))))),
    ];

    /// <summary>Their names, for option texts.</summary>
    public static string Names => string.Join(", ", All.SkipLast(1).Select(f => f.File)) + " and " + All[^1].File;

    /// <summary>How report.json begins.</summary>
    public const string Start = "{\n  \"schemaVersion\": ";

    /// <summary>Writes them all; returns where they are.</summary>
    public static IReadOnlyList<string> Write(RunFolder folder, ComparisonReport report, ReportContext context)
    {
        string[] written =
            [.. All.Select(f => folder.Files.Write(f.File, f.Write((report, context)))).OfType<string>()];
        folder.MakeLatest();
        return written;
    }
}
