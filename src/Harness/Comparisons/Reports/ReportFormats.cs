using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>The files that a comparison is written to.</summary>
public static class ReportFormats
{
    /// <summary>In the order in which they are named.</summary>
    public static IReadOnlyList<OutputFormat<(ComparisonReport Report, ReportContext Context)>> All { get; } =
    [
        new("report.json", "for programs: the only stable format", r => JsonReport.Write(r.Report, r.Context)),
        new("report.md", "to be read in a browser or an editor", r => MarkdownReport.Write(r.Report)),
        new("report.txt", "to be pasted into a mail: at most 80 lines of 72 columns of 7-bit ASCII",
            r => TextReport.Write(r.Report)),
    ];
}
