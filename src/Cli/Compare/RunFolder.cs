using System.Globalization;
using System.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Compare;

/// <summary>Where the files of one comparison go: a folder that was named, or a new one, with a link to the latest
/// beside it. It is tried before anything is computed.</summary>
internal sealed class RunFolder
{
    /// <summary>Where new folders are made.</summary>
    public const string Runs = "artifacts/compare";

    /// <summary>The link to the latest of them.</summary>
    public const string Latest = "latest";

    private const string Json = "report.json";
    private readonly string? _new;

    private RunFolder(TextWriter error, string path, string? made)
    {
        _new = made;
        Files = new(error, path, ReportFiles.All.Select(f => f.File));
    }

    /// <summary>The folder.</summary>
    public OutputFolder Files { get; }

    /// <summary>A folder that somebody named: what is in it stays, unless it is an older report.</summary>
    /// <exception cref="InputException">It cannot be written, or holds something else.</exception>
    public static RunFolder Named(TextWriter error, string path)
    {
        var json = Path.Combine(path, Json);
        return Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !IsReport(json)
            ? throw new InputException($"--out {path}",
                $"expected no folder, an empty one, or one with a {Json} of ours")
            : new(error, path, null);
    }

    /// <summary>A new folder, by time and seed.</summary>
    /// <param name="error">Where failures are told.</param>
    /// <param name="runs">In which folder.</param>
    /// <param name="now">When.</param>
    /// <param name="seed">Of the comparison.</param>
    /// <exception cref="InputException">None can be made.</exception>
    public static RunFolder New(TextWriter error, string runs, DateTimeOffset now, ulong seed)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = OutputFile.NewFolder(Path.Combine(runs, Invariant($"{time}-{seed}")));
        return new(error, path, path);
    }

    /// <summary>Lets the link lead here, if the folder is a new one.</summary>
    public void MakeLatest()
    {
        if (_new is { } path)
        {
            Files.Link(Path.Combine(Path.GetDirectoryName(path)!, Latest), Path.GetFileName(path));
        }
    }

    private static bool IsReport(string json) => File.Exists(json)
        && InputFile.Read(json, "an older report", CancellationToken.None).AsSpan()
            .StartsWith(Encoding.UTF8.GetBytes(ReportFiles.Start));
}
