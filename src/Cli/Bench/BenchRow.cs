namespace UapiLab.Cli.Bench;

/// <summary>A line of the table.</summary>
/// <param name="Encoding">What was measured.</param>
/// <param name="Measurement">Doing what.</param>
/// <param name="Baseline">Beside which C loop.</param>
/// <param name="Unit">Of the two times.</param>
/// <param name="Pairs">Times and ratios, time over time.</param>
/// <param name="Goal">Ratio that is not to be passed; null if none is set.</param>
internal sealed record BenchRow(string Encoding, string Measurement, string Baseline, string Unit, Pairs Pairs, double? Goal)
{
    /// <summary>Whether a goal is set, and missed.</summary>
    public bool Missed => Goal < Pairs.Ratio;
}
