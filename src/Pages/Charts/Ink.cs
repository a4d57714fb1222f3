using System.Text.RegularExpressions;
using OxyPlot;

namespace UapiLab.Pages.Charts;

/// <summary>What a part of a chart is drawn for. OxyPlot knows colours only, so each stands for one that no chart would
/// use, and the finished SVG names the variable of the page in its place (<c>Style.razor</c>).</summary>
internal static partial class Ink
{
    /// <summary>Variables of the page, in the order of their colours.</summary>
    private static readonly string[] s_variables = ["ink", "faint", "grid", "good", "bad", "plain", "accent", "warn"];

    public static OxyColor Text { get; } = Of("ink");
    public static OxyColor Faint { get; } = Of("faint");
    public static OxyColor Grid { get; } = Of("grid");
    public static OxyColor Good { get; } = Of("good");
    public static OxyColor Bad { get; } = Of("bad");
    public static OxyColor Plain { get; } = Of("plain");
    public static OxyColor Accent { get; } = Of("accent");
    public static OxyColor Warn { get; } = Of("warn");

    /// <summary>Names variables in place of colours.</summary>
    /// <exception cref="InvalidOperationException">There is a colour that stands for nothing: it would not follow light
    /// and dark.</exception>
    public static string Replace(string style)
    {
        var themed = Stand().Replace(style, match => $"var(--{s_variables[int.Parse(match.Groups[1].ValueSpan,
            System.Globalization.CultureInfo.InvariantCulture)]})");
        return Literal().IsMatch(themed)
            ? throw new InvalidOperationException($"a colour of its own: {style}")
            : themed;
    }

    /// <summary>The one of a variable.</summary>
    public static OxyColor Of(string variable) =>
        OxyColor.FromRgb((byte)Array.IndexOf(s_variables, variable), 0, 1);

    [GeneratedRegex(@"rgb\((\d),0,1\)")]
    private static partial Regex Stand();

    [GeneratedRegex(@"rgba?\(|#[0-9a-fA-F]{3}|(?<![-\w])(black|white|red|green|blue|gray|transparent)(?![-\w])")]
    private static partial Regex Literal();
}
