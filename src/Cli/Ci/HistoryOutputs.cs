using UapiLab.Cli.Commands;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Pages;

namespace UapiLab.Cli.Ci;

/// <summary>The options of a command that tells histories about files to look at them. Each is declared in one place,
/// for every command that has it.</summary>
/// <param name="args">Of the command.</param>
/// <param name="takesPlugins">Whether it has <c>--plugin</c>.</param>
/// <param name="html">What <c>--html</c> is for, where it is not for the histories alone.</param>
internal sealed class HistoryOutputs(Arguments args, bool takesPlugins = true,
    string html = "Write an HTML page too, to be stepped through (docs/history-format.md).")
{
    private readonly string? _html = args.Output("--html", "FILE", html);

    private readonly string? _perfetto = args.Output(
        "--perfetto", "FILE", "Write trace events too, for ui.perfetto.dev (docs/history-format.md).");

    private readonly IReadOnlyList<string> _plugins = takesPlugins ? args.Given("--plugin") : [];
    private CiFile? _htmlFile;
    private CiFile? _perfettoFile;

    /// <summary>Whether one of the files was asked for.</summary>
    public bool IsAsked => (_html ?? _perfetto) is not null;

    /// <summary>Where the page goes; null before it was tried, or if nowhere.</summary>
    public string? Html => _htmlFile?.Path;

    /// <summary>Tries the files before anything is computed.</summary>
    /// <param name="page">Where the page goes if nothing is said; null: nowhere.</param>
    /// <exception cref="Harness.Foundation.InputException">One cannot be written, or is not ours.</exception>
    public void Try(string? page = null)
    {
        _htmlFile = CiFile.Of("--html", _html ?? page);
        _perfettoFile = CiFile.Of("--perfetto", _perfetto);
    }

    /// <summary>Writes those that were asked for; the exit code says if one could not be.</summary>
    /// <param name="error">For complaints.</param>
    /// <param name="histories">In order.</param>
    /// <param name="exit">The exit code so far.</param>
    /// <param name="page">The page, from what finds lines of source; null: that of the histories.</param>
    public int Write(TextWriter error, IReadOnlyList<History> histories, int exit,
        Func<Func<string, IReadOnlyList<string>?>, string>? page = null)
    {
        page ??= source => HistoryPages.Write(histories, source);
        exit = _htmlFile?.Write(error, page(new SourceFiles(_plugins).LinesOf), exit) ?? exit;
        return _perfettoFile?.Write(error, PerfettoTrace.Write(histories), exit) ?? exit;
    }
}
