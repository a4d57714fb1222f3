using System.Globalization;

namespace UapiLab.Cli.Bench;

/// <summary>The table, line by line as the rows come in.</summary>
internal static class BenchText
{
    public static readonly string Heading =
        $"{"encoding",-28} {"measurement",-40} {"encoding",10} {"C",10}    {"ratio",6}  {"quartiles",-13} {"goal",-9} "
            + $"baseline";

    public static string Line(BenchRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Encoding,-28} {row.Measurement,-40} {row.Pairs.Subject,10:F2} {row.Pairs.Baseline,10:F2} {row.Unit} "
        + $"{row.Pairs.Ratio,6:F2}  {$"{row.Pairs.Low:F2}-{row.Pairs.High:F2}",-13} {Goal(row),-9} {row.Baseline}");

    private static string Goal(BenchRow row) => row.Goal is not { } goal ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{goal:F2} {(row.Missed ? "no" : "yes")}");
}

/// <summary>A line of the table.</summary>
/// <param name="Encoding">What was measured.</param>
/// <param name="Measurement">Doing what.</param>
/// <param name="Baseline">Beside which C loop.</param>
/// <param name="Unit">Of the two times.</param>
/// <param name="Pairs">Times and ratios, time over time.</param>
/// <param name="Goal">Ratio that is not to be passed; null if none is set.</param>
internal sealed record BenchRow(string Encoding, string Measurement, string Baseline, string Unit, Pairs Pairs,
    double? Goal)
{
    /// <summary>Whether a goal is set, and missed.</summary>
    public bool Missed => Goal < Pairs.Ratio;
}
