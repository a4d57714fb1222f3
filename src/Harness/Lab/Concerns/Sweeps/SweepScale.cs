using System.Globalization;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Lab.Concerns.Sweeps;

/// <summary>How the values of a parameter are written, halved and told apart. Values are whole numbers.</summary>
/// <param name="Text">As an option of a workload takes it.</param>
/// <param name="Middle">Between two values; one of them if there is nothing to try between.</param>
internal sealed record SweepScale(Func<long, string> Text, Func<long, long, long> Middle)
{
    // Values nearer than this are not worth a run: costs and latencies are not known as well as that.
    private const decimal Nearest = 1.03m;
    private const long NearestShare = 5;

    /// <summary>Durations, ns, by their ratio.</summary>
    public static SweepScale Time { get; } = new(Durations.Format, (low, high) =>
        high <= low * Nearest ? low : Short((long)DecimalMath.Sqrt((decimal)low * high), low, high));

    /// <summary>Shares in thousandths, by their difference.</summary>
    public static SweepScale Share { get; } = new(
        permille => (permille / 1000m).ToString("0.###", CultureInfo.InvariantCulture),
        (low, high) => high - low <= NearestShare ? low : (low + high) / 2);

    /// <summary>Counts.</summary>
    public static SweepScale Count { get; } = new(n => Invariant($"{n}"), (low, high) => (low + high) / 2);

    // Three digits are easier to read and to type; they are used where they lie between the two.
    private static long Short(long middle, long low, long high)
    {
        var rounded = (long)Foundation.Statistics.Rounding.Significant(middle, 3);
        return rounded > low && rounded < high ? rounded : middle;
    }
}
