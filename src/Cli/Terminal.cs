namespace UapiLab.Cli;

/// <summary>Where output goes, and what may be done there.</summary>
internal sealed class Terminal
{
    private const int Narrowest = 60;
    private const int Widest = 100;

    private Terminal(Func<TextWriter> output, Func<TextWriter> error)
    {
        Out = new CleanWriter(output, "standard output");
        Error = new CleanWriter(error, name: null);
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Everything else.</summary>
    public TextWriter Error { get; }

    /// <summary>Results with colours; null where there are none.</summary>
    public TextWriter? Coloured { get; private init; }

    /// <summary>Whether somebody looks at the results as they come.</summary>
    public bool IsWatched { get; private init; }

    /// <summary>Where a line can be written over to show progress; null where there is no such place.</summary>
    public TextWriter? Progress { get; private init; }

    /// <summary>Columns of a page: what the terminal has, within reason, and 80 where there is none.</summary>
    public int Width { get; private init; } = 80;

    /// <summary>The process's own streams. NO_COLOR (any value but the empty one) and TERM=dumb switch colours
    /// off.</summary>
    public static Terminal OfProcess()
    {
        var plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new(() => Console.Out, () => Console.Error)
        {
            Coloured = plain || Console.IsOutputRedirected ? null : Console.Out,
            IsWatched = !Console.IsOutputRedirected,
            Progress = Console.IsErrorRedirected ? null : Console.Error,
            Width = WidthOf(Console.IsOutputRedirected ? 0 : Console.WindowWidth),
        };
    }

    /// <summary>The width of a page on a terminal with so many columns; 0 = it does not say.</summary>
    internal static int WidthOf(int columns) => columns <= 0 ? 80 : Math.Clamp(columns, Narrowest, Widest);

    /// <summary>Streams that are not looked at.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Everything else.</param>
    /// <param name="progress">Where a line can be written over, if there is such a place.</param>
    /// <param name="watched">Whether somebody looks at the results as they come.</param>
    public static Terminal Plain(TextWriter output, TextWriter error, TextWriter? progress = null,
        bool watched = false) =>
        new(() => output, () => error) { Progress = progress, IsWatched = watched };
}
