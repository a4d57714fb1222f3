using System.Diagnostics;

namespace UapiLab.Cli.Bench;

/// <summary>Two things measured in turns, A B A B, so that whatever else loads the machine slows both.</summary>
/// <param name="Subject">Median time of an operation of the encoding, ns.</param>
/// <param name="Baseline">Of the baseline, ns.</param>
/// <param name="Ratio">Median of the pairs' ratios, subject over baseline.</param>
/// <param name="Low">First quartile of the ratios.</param>
/// <param name="High">Third quartile.</param>
internal sealed record Pairs(double Subject, double Baseline, double Ratio, double Low, double High)
{
    /// <summary>Runs both once for each pair.</summary>
    /// <param name="pairs">How many.</param>
    /// <param name="subject">Runs the encoding once and returns ns per operation.</param>
    /// <param name="baseline">The same of the baseline.</param>
    public static Pairs Measure(int pairs, Func<double> subject, Func<double> baseline)
    {
        var subjects = new double[pairs];
        var baselines = new double[pairs];
        for (var i = 0; i < pairs; i++)
        {
            subjects[i] = subject();
            baselines[i] = baseline();
        }

        double[] ratios = [.. subjects.Zip(baselines, (s, b) => s / b)];
        return new(Quantile(subjects, 0.5), Quantile(baselines, 0.5), Quantile(ratios, 0.5), Quantile(ratios, 0.25),
            Quantile(ratios, 0.75));
    }

    /// <summary>Nanoseconds per operation of something that does <paramref name="operations"/> of them.</summary>
    public static double Time(long operations, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
    }

    /// <summary>The value below which this share of the values lies.</summary>
    internal static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }
}
