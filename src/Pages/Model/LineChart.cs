using System.Globalization;
using UapiLab.Harness.Comparisons.Reports;

namespace UapiLab.Pages.Model;

/// <summary>Curves over one quantity, on axes with few round numbers.</summary>
/// <param name="Title">What it shows, for readers that see no picture.</param>
/// <param name="X">Across.</param>
/// <param name="Y">Upward.</param>
/// <param name="Curves">Each with a look of its own, in order (<see cref="CurveLook"/>).</param>
public sealed record LineChart(string Title, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartCurve> Curves)
{
    /// <summary>A value that curves are held to; null if there is none.</summary>
    public decimal? Level { get; init; }

    /// <summary>Lines without marks: bounds, a diagonal.</summary>
    public IReadOnlyList<ChartCurve> Guides { get; init; } = [];

    /// <summary>Where something happens.</summary>
    public IReadOnlyList<ChartPoint> Crosses { get; init; } = [];
}

/// <summary>A curve.</summary>
/// <param name="Points">From left to right.</param>
/// <param name="IsJoined">Whether a line leads through them.</param>
public sealed record ChartCurve(IReadOnlyList<ChartPoint> Points, bool IsJoined = true);

/// <summary>A point with its interval.</summary>
public readonly record struct ChartPoint(decimal X, decimal Y, decimal? Low = null, decimal? High = null);

/// <summary>An axis.</summary>
/// <param name="Title">Quantity and unit.</param>
/// <param name="IsLog">Whether equal distances are equal ratios.</param>
/// <param name="Low">Where it begins.</param>
/// <param name="High">Where it ends, above that.</param>
/// <param name="Step">Between two lines; a ratio on a logarithmic axis.</param>
/// <param name="Label">Of a line.</param>
public sealed record ChartAxis(
    string Title, bool IsLog, double Low, double High, double Step, Func<double, string> Label)
{
    private const int MostLines = 6;

    /// <summary>Smaller values have no place on a logarithmic axis.</summary>
    private const double Least = 1e-6;

    /// <summary>An axis on which every value has a place; logarithmic where <paramref name="isLog"/> allows it and they
    /// differ by more than a factor of four, in doublings or decades.</summary>
    public static ChartAxis Of(string title, IEnumerable<decimal> values, bool isLog = false,
        Func<double, string>? label = null, bool inDecades = false)
    {
        double[] all = [.. values.Select(v => (double)v)];
        var (low, high) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
        label ??= v => v.ToString("0.###", CultureInfo.InvariantCulture);
        if (isLog && low >= Least && high > 4 * low)
        {
            var wholes = inDecades || Math.Log10(high / low) > 3 ? 10 : 2;
            var ratio = Math.Pow(wholes, Math.Ceiling(Math.Log(high / low, wholes) / MostLines));
            return new($"{title} (log scale)", IsLog: true, Round(low, wholes, Math.Floor),
                Round(high, wholes, Math.Ceiling), ratio, label);
        }

        var wide = Math.Max(high - low, Math.Max(Math.Abs(high) * 1e-3, Least));
        var power = Math.Pow(10, Math.Floor(Math.Log10(wide / MostLines)));
        var step = power * ((double[])[1, 2, 2.5, 5, 10]).First(s => wide / (power * s) <= MostLines);
        var bottom = Math.Floor(low / step) * step;
        var top = Math.Ceiling(high / step) * step;
        return new(title, IsLog: false, bottom, top > bottom ? top : bottom + step, step, label);
    }

    /// <summary>The same for times in nanoseconds.</summary>
    public static ChartAxis OfTimes(string title, IEnumerable<decimal> ns) =>
        Of(title, ns, isLog: true, v => Words.Duration((decimal)Math.Min(v, 1e18)), inDecades: true);

    /// <summary>Where a value stands.</summary>
    public double Place(decimal value) => IsLog ? Math.Log10(Math.Max((double)value, Least)) : (double)value;

    /// <summary>The value at a place.</summary>
    public double At(double place) => IsLog ? Math.Pow(10, place) : place;

    private static double Round(double value, double ratio, Func<double, double> round) =>
        Math.Pow(ratio, round(Math.Log(value, ratio) is var power && Math.Abs(power - Math.Round(power)) < 1e-9
            ? Math.Round(power) : power));
}

/// <summary>How the curves of a chart are told apart: by colour, and by the shape of their marks.</summary>
/// <param name="Ink">Class of the style sheet.</param>
/// <param name="Sign">The mark as a letter.</param>
/// <param name="Shape">Its number: circle, diamond, triangle, square.</param>
public sealed record CurveLook(string Ink, string Sign, int Shape)
{
    private static readonly string[] s_inks = ["accent", "bad", "good", "plain", "ink"];
    private static readonly string[] s_signs = ["●", "◆", "▲", "■"];

    /// <summary>More curves would look like others.</summary>
    public const int Most = 10;

    /// <summary>The shape of a sign.</summary>
    public static int ShapeOf(string sign) => Array.IndexOf(s_signs, sign);

    public static CurveLook Of(int curve)
    {
        var shape = (curve + (curve / s_inks.Length)) % s_signs.Length;
        return new(s_inks[curve % s_inks.Length], s_signs[shape], shape);
    }
}
