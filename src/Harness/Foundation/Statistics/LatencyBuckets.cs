namespace UapiLab.Harness.Foundation.Statistics;

/// <summary>The buckets of latency distributions: six for each power of ten, of nearly equal ratios and with round
/// ends. There are few, and they are always the same, so that distributions can be added and compared.</summary>
public static class LatencyBuckets
{
    private const int Decades = 11;

    private static readonly long[] s_ends =
    [
        .. Enumerable.Range(0, Decades).SelectMany(decade => ((long[])[100, 150, 200, 300, 500, 700])
            .Select(end => end * (long)Math.Pow(10, decade))),
    ];

    /// <summary>The longest latency of each bucket in ns, ascending. The first takes all shorter ones too, and the last
    /// all longer ones.</summary>
    public static IReadOnlyList<long> Ends => s_ends;

    /// <summary>The bucket of a latency, as a position in <see cref="Ends"/>.</summary>
    /// <param name="ns">Nanoseconds.</param>
    public static int Of(long ns)
    {
        var at = Array.BinarySearch(s_ends, ns);
        return Math.Min(at < 0 ? ~at : at, s_ends.Length - 1);
    }
}
