using System.Globalization;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>Values as text, the same in every report and every culture.</summary>
public static class Words
{
    /// <summary>What stands where a value cannot be told.</summary>
    public const string Unknown = "-";

    /// <summary>The mark of an encoding that was never posted, where there is room for it.</summary>
    public const string NeverPosted = "(own variant, never posted)";

    /// <summary>As claims are written.</summary>
    public static string Of(Relation relation) => relation switch
    {
        Relation.Less => "<",
        Relation.AtMost => "<=",
        Relation.Equal => "=",
        Relation.AtLeast => ">=",
        _ => ">",
    };

    /// <summary>As claims are written.</summary>
    public static string Of(VersusMode by) => by == VersusMode.Ratio ? "ratio" : "difference";

    /// <summary>Mean and interval: <c>1.26 [1.25, 1.27]</c>; the mean alone where there is no interval.</summary>
    public static string Interval(Summary? summary, int digits = 3) => summary switch
    {
        null => Unknown,
        { HasInterval: false } s => Rounding.Format(s.Mean, digits),
        { } s => $"{Rounding.Format(s.Mean, digits)} [{Rounding.Format(s.Low, digits)}, "
            + $"{Rounding.Format(s.High, digits)}]",
    };

    /// <summary>Mean and half the width of the interval: <c>1.26 +-0.01</c>; shorter than <see cref="Interval"/>, and
    /// the interval is symmetrical.</summary>
    public static string PlusMinus(Summary? summary)
    {
        if (summary is not { HasInterval: true } value)
        {
            return Interval(summary);
        }

        var mean = Rounding.Format(value.Mean, 3);
        var point = mean.IndexOf('.', StringComparison.Ordinal);
        var places = point < 0 ? 0 : mean.Length - point - 1;
        var half = Math.Round(value.High - value.Mean, places, MidpointRounding.AwayFromZero);
        return $"{mean} "
            + $"+-{half.ToString("F" + places.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)}";
    }

    /// <summary>A plain number with at most so many significant digits.</summary>
    public static string Number(decimal? value, int digits = 3) => value is { } v ? Rounding.Format(v, digits)
        : Unknown;

    /// <summary>Events per fault: two decimals, since the third says nothing.</summary>
    public static string PerFault(decimal? value) =>
        value is { } v ? Invariant($"{v:0.00}") : Unknown;

    /// <summary>Events per 100 faults: whole ones.</summary>
    public static string Per100(decimal? perFault) => perFault switch
    {
        null => Unknown,
        > 0 and < 0.005m => "<1",
        { } value => Invariant($"{Math.Round(value * 100, MidpointRounding.AwayFromZero)}"),
    };

    /// <summary>A duration with three significant digits.</summary>
    public static string Duration(decimal? ns) => ns is { } v ? Durations.Format((long)Rounding.Significant(v, 3))
        : Unknown;

    /// <summary>How a cell names its encoding in a narrow table: a star for our own variants, the accuracy where it
    /// matters.</summary>
    public static string Label(ComparisonReport report, string encoding, decimal? predict, bool showPredict)
    {
        var name = report.EncodingOf(encoding).Starred;
        return predict is { } p && showPredict ? $"{name} p={p.Text()}" : name;
    }
}
