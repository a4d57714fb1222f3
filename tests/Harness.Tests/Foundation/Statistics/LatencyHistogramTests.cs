using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Foundation.Statistics;

public sealed class LatencyHistogramTests
{
    private static readonly int[] s_permilles = [0, 1, 250, 500, 900, 990, 999, 1000];

    [Fact]
    public void Empty_histogram_answers_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal((0L, 0L, 0L), (histogram.Count, histogram.Max, histogram.Percentile(500)));
    }

    [Fact]
    public void Small_values_are_exact()
    {
        var histogram = new LatencyHistogram();
        for (long ns = 0; ns < 128; ns++)
        {
            histogram.Add(ns);
        }

        Assert.Equal(128, histogram.Count);
        Assert.Equal(0, histogram.Percentile(0));
        Assert.Equal(63, histogram.Percentile(500));
        Assert.Equal(64, histogram.Percentile(501));
        Assert.Equal(127, histogram.Percentile(1000));
    }

    [Fact]
    public void Rank_is_rounded_up()
    {
        // One thousandth of 1001 values is more than one value.
        LatencyHistogram histogram = Of([0, .. Enumerable.Repeat(1L, 1000)]);
        Assert.Equal(0, histogram.Percentile(0));
        Assert.Equal(1, histogram.Percentile(1));
    }

    [Fact]
    public void Every_power_of_two_and_its_neighbours_have_a_bucket()
    {
        for (int bit = 0; bit < 63; bit++)
        {
            foreach (long ns in (long[])[(1L << bit) - 1, 1L << bit, long.MaxValue >> bit])
            {
                // The second value keeps Max from hiding the bucket's own bound.
                LatencyHistogram histogram = Of([ns, long.MaxValue]);
                AssertNear(ns, histogram.Percentile(500));
                Assert.Equal(long.MaxValue, histogram.Max);
            }
        }
    }

    [Property(MaxTest = 300)]
    public void Percentile_is_the_nearest_rank_within_one_64th(uint seed, byte size)
    {
        long[] values = Values(seed, size + 1);
        LatencyHistogram histogram = Of(values);
        Array.Sort(values);
        foreach (int permille in s_permilles)
        {
            int rank = Math.Max(1, (values.Length * permille + 999) / 1000);
            AssertNear(values[rank - 1], histogram.Percentile(permille));
        }

        Assert.Equal(values[^1], histogram.Max);
        Assert.Equal(values[^1], histogram.Percentile(1000));
        Assert.Equal(values.Length, histogram.Count);
    }

    [Property]
    public bool Percentiles_never_fall(uint seed, byte size)
    {
        LatencyHistogram histogram = Of(Values(seed, size));
        return Enumerable.Range(0, 1000).All(i => histogram.Percentile(i) <= histogram.Percentile(i + 1));
    }

    [Property]
    public bool Merged_parts_equal_the_whole(uint seed, byte left, byte right)
    {
        long[] values = Values(seed, left + right);
        LatencyHistogram whole = Of(values);
        LatencyHistogram merged = Of(values[left..]);
        merged.Merge(Of(values[..left]));
        return Enumerable.Range(0, 1001).All(i => merged.Percentile(i) == whole.Percentile(i))
            && merged.Count == whole.Count
            && merged.Max == whole.Max;
    }

    [Fact]
    public void Cleared_histogram_is_empty()
    {
        LatencyHistogram histogram = Of([1, 1_000_000]);
        histogram.Clear();
        Assert.Equal((0L, 0L, 0L), (histogram.Count, histogram.Max, histogram.Percentile(1000)));
    }

    [Fact]
    public void Values_and_shares_out_of_range_are_refused()
    {
        var histogram = new LatencyHistogram();
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Add(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Percentile(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Percentile(1001));
        Assert.Equal(0, histogram.Count);
    }

    private static void AssertNear(long exact, long reported)
    {
        Assert.True(
            reported >= exact && (Int128)(reported - exact) * 64 <= exact, $"exact {exact}, reported {reported}");
    }

    private static LatencyHistogram Of(IEnumerable<long> values)
    {
        var histogram = new LatencyHistogram();
        foreach (long ns in values)
        {
            histogram.Add(ns);
        }

        return histogram;
    }

    /// <summary>Values of all magnitudes.</summary>
    private static long[] Values(uint seed, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            ulong shift = 1 + CounterRandom.Below(CounterRandom.At(seed, 1, (ulong)i), 63);
            return (long)(CounterRandom.At(seed, 0, (ulong)i) >> (int)shift);
        }),
    ];
}
