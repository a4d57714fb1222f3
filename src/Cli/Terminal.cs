namespace UapiLab.Cli;

/// <summary>Where output goes, and what may be done there.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Everything else.</param>
/// <param name="OutIsTerminal">Whether results go to a terminal.</param>
/// <param name="ErrorIsTerminal">Whether progress can be shown.</param>
/// <param name="Colour">Whether results may be coloured.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool OutIsTerminal, bool ErrorIsTerminal, bool Colour)
{
    private const int Narrowest = 60;
    private const int Widest = 100;

    /// <summary>Columns of a page: what the terminal has, within reason, and 80 where there is none.</summary>
    public int Width { get; init; } = 80;

    /// <summary>The process's own streams. NO_COLOR (any value but the empty one) and TERM=dumb switch colours
    /// off.</summary>
    public static Terminal OfProcess()
    {
        var plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected, !plain
            && !Console.IsOutputRedirected)
        {
            Width = WidthOf(Console.IsOutputRedirected ? 0 : Console.WindowWidth),
        };
    }

    /// <summary>The width of a page on a terminal with so many columns; 0 = it does not say.</summary>
    internal static int WidthOf(int columns) => columns <= 0 ? 80 : Math.Clamp(columns, Narrowest, Widest);

    /// <summary>Streams that are not looked at.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new(output, error, false, false, false);
}
