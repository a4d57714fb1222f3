using UapiLab.Cli.Commands;

namespace UapiLab.Cli.Ci;

/// <summary>The options of a command about files for other tools. Each is declared in one place, for every command that
/// has it.</summary>
internal sealed class CiOutputs
{
    private readonly string? _junit;
    private readonly string? _sarif;
    private readonly string? _summary;
    private CiFile? _junitFile;
    private CiFile? _sarifFile;
    private CiFile? _summaryFile;

    /// <param name="args">Of the command.</param>
    /// <param name="junit">What a case is; null: the command writes none.</param>
    /// <param name="sarif">What a result is; null: the command writes none.</param>
    /// <param name="summary">Whether it writes a summary.</param>
    public CiOutputs(Arguments args, string? junit = null, string? sarif = null, bool summary = true)
    {
        _junit = junit is null ? null : args.Output("--junit", "FILE", $"Write JUnit XML too: {junit} (docs/ci.md).");
        _sarif = sarif is null ? null : args.Output("--sarif", "FILE", $"Write SARIF 2.1.0 too: {sarif} (docs/ci.md).");
        _summary = summary
            ? args.Output("--summary", "FILE", "Write at most 20 lines of Markdown too (docs/ci.md).") : null;
    }

    /// <summary>Whether any of the files was asked for.</summary>
    public bool IsAsked => (_junit ?? _sarif ?? _summary) is not null;

    /// <summary>Tries the files before anything is computed.</summary>
    /// <exception cref="Harness.Foundation.InputException">One cannot be written, or is not ours.</exception>
    public void Try()
    {
        _junitFile = CiFile.Of("--junit", _junit);
        _sarifFile = CiFile.Of("--sarif", _sarif);
        _summaryFile = CiFile.Of("--summary", _summary);
    }

    /// <summary>Writes those that were asked for; the exit code says if one could not be.</summary>
    public int Write(TextWriter error, int exit, Func<string>? junit = null, Func<string>? sarif = null,
        Func<string>? summary = null)
    {
        foreach (var (file, text) in new[] { (_junitFile, junit), (_sarifFile, sarif), (_summaryFile, summary) })
        {
            exit = file is null || text is null ? exit : file.Write(error, text(), exit);
        }

        return exit;
    }
}
