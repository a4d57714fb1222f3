using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cli.Compare;

/// <summary>The files of <see cref="ReportFormats"/> in a directory.</summary>
internal static class ReportFiles
{
    /// <summary>Their names, for option texts.</summary>
    public static string Names =>
        string.Join(", ", ReportFormats.All.SkipLast(1).Select(f => f.File)) + " and " + ReportFormats.All[^1].File;

    /// <summary>Tries the folder before anything is computed.</summary>
    /// <exception cref="InputException">Something in it cannot be written.</exception>
    public static OutputFolder In(TextWriter error, string directory) =>
        new(error, directory, ReportFormats.All.Select(f => f.File));

    /// <summary>Writes them all; returns where they are.</summary>
    public static IReadOnlyList<string> Write(OutputFolder folder, ComparisonReport report, ReportContext context) =>
        [.. ReportFormats.All.Select(f => folder.Write(f.File, f.Write((report, context)))).OfType<string>()];
}
