using UapiLab.Harness;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Reports;

namespace UapiLab.Cli.Compare;

/// <summary>report.json, report.md and report.txt in a directory.</summary>
internal static class ReportFiles
{
    /// <summary>Makes the directory before anything is computed.</summary>
    /// <exception cref="InputException">It cannot be made.</exception>
    public static void Prepare(string directory) => Try(directory, () => Directory.CreateDirectory(directory));

    /// <summary>Writes them all; returns where they are.</summary>
    /// <exception cref="InputException">One cannot be written.</exception>
    public static IReadOnlyList<string> Write(string directory, ComparisonReport report, string json)
    {
        (string Name, string Text)[] files =
        [
            ("report.json", json),
            ("report.md", MarkdownReport.Write(report)),
            ("report.txt", TextReport.Write(report)),
        ];
        foreach (var (name, text) in files)
        {
            Try(Path.Combine(directory, name), () => File.WriteAllText(Path.Combine(directory, name), text));
        }

        return [.. files.Select(f => Path.Combine(directory, f.Name))];
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
