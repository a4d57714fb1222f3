using UapiLab.Cli.Commands;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Pages;

namespace UapiLab.Cli.Ci;

/// <summary>The options of a command that tells histories about files to look at them. Each is declared in one place,
/// for every command that has it.</summary>
internal sealed class HistoryOutputs(Arguments args, bool takesPlugins = true)
{
    private readonly string? _html = args.Text(
        "--html", "FILE", "Write an HTML page too, to be stepped through (docs/history-format.md).");

    private readonly string? _perfetto = args.Text(
        "--perfetto", "FILE", "Write trace events too, for ui.perfetto.dev (docs/history-format.md).");

    private readonly IReadOnlyList<string> _plugins = takesPlugins ? args.Given("--plugin") : [];
    private CiFile? _htmlFile;
    private CiFile? _perfettoFile;

    /// <summary>Whether one of the files was asked for.</summary>
    public bool IsAsked => (_html ?? _perfetto) is not null;

    /// <summary>Tries the files before anything is computed.</summary>
    /// <exception cref="Harness.Foundation.InputException">One cannot be written, or is not ours.</exception>
    public void Try()
    {
        _htmlFile = CiFile.Of("--html", _html);
        _perfettoFile = CiFile.Of("--perfetto", _perfetto);
    }

    /// <summary>Writes those that were asked for; the exit code says if one could not be.</summary>
    /// <param name="error">For complaints.</param>
    /// <param name="histories">In order.</param>
    /// <param name="pairs">Pairs of runs, after them.</param>
    /// <param name="answer">Sentences to stand above them where there is not just one.</param>
    /// <param name="exit">The exit code so far.</param>
    public int Write(TextWriter error, IReadOnlyList<History> histories, IReadOnlyList<WitnessPair> pairs,
        IReadOnlyList<string> answer, int exit)
    {
        exit = _htmlFile?.Write(
            error, HistoryPages.Write(histories, pairs, answer, new SourceFiles(_plugins).LinesOf), exit) ?? exit;
        return _perfettoFile?.Write(
            error, PerfettoTrace.Write([.. histories, .. pairs.SelectMany(p => new[] { p.First, p.Second })]), exit)
            ?? exit;
    }
}
