using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Compare;

/// <summary>The files of <see cref="ReportFormats"/> in a directory.</summary>
internal static class ReportFiles
{
    /// <summary>Their names, for option texts.</summary>
    public static string Names =>
        string.Join(", ", ReportFormats.All.SkipLast(1).Select(f => f.File)) + " and " + ReportFormats.All[^1].File;

    /// <summary>Makes the directory before anything is computed.</summary>
    /// <exception cref="InputException">It cannot be made.</exception>
    public static void Prepare(string directory) => Try(directory, () => Directory.CreateDirectory(directory));

    /// <summary>Writes them all; returns where they are.</summary>
    /// <exception cref="InputException">One cannot be written.</exception>
    public static IReadOnlyList<string> Write(string directory, ComparisonReport report, ReportContext context)
    {
        var paths = new List<string>();
        foreach (var format in ReportFormats.All)
        {
            var path = Path.Combine(directory, format.File);
            Try(path, () => File.WriteAllText(path, format.Write((report, context))));
            paths.Add(path);
        }

        return paths;
    }

    private static void Try(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"--out {path}", "cannot be written, expected a directory for the reports");
        }
    }
}
