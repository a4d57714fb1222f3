using System.Numerics;
using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Foundation.Statistics;

/// <summary>Counts of durations in buckets whose width is at most 1/64 of their values. Fixed size, integers only, so
/// that merged parts give the same percentiles in any order. Not safe for concurrent use.</summary>
/// <remarks>Values below 128 ns have a bucket each. Above, every power of two is cut into 64 equal buckets.</remarks>
internal sealed class LatencyHistogram
{
    private const int PrecisionBits = 6;

    // The largest value has bit 62 as its highest: (62 - 6) shifts, each adding 64 to an index below 128.
    private const int BucketCount = ((62 - PrecisionBits) << PrecisionBits) + (2 << PrecisionBits);

    private readonly long[] _buckets = new long[BucketCount];

    /// <summary>Number of values added.</summary>
    public long Count { get; private set; }

    /// <summary>Largest value added, exact, in nanoseconds; 0 if there is none.</summary>
    public long Max { get; private set; }

    /// <summary>Counts one value.</summary>
    /// <param name="ns">Nanoseconds, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ns"/> is negative.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long ns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ns);
        _buckets[IndexOf(ns)]++;
        Count++;
        if (ns > Max)
        {
            Max = ns;
        }
    }

    /// <summary>Counts everything that another histogram counted; the other one is unchanged.</summary>
    public void Merge(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < BucketCount; i++)
        {
            _buckets[i] += other._buckets[i];
        }

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Forgets all values.</summary>
    public void Clear()
    {
        Array.Clear(_buckets);
        Count = 0;
        Max = 0;
    }

    /// <summary>A value that at least the given share of all values does not exceed.</summary>
    /// <param name="permille">Share in thousandths, 0 to 1000: 500 is the median, 1000 is <see cref="Max"/>; 0 is
    /// taken as the smallest value.</param>
    /// <returns>Nanoseconds: not below the exact nearest-rank percentile, and above it by less than 1/64 of it; 0 if
    /// there is no value.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permille"/> is out of range.</exception>
    public long Percentile(int permille)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(permille);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permille, 1_000);

        // The smallest rank that covers the share, counted from 1. The product may exceed 64 bits.
        long rank = Math.Max(1, (long)(((Int128)Count * permille + 999) / 1_000));
        long seen = 0;
        for (int i = 0; i < BucketCount; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
            {
                return Math.Min(HighestOf(i), Max);
            }
        }

        return 0;
    }

    /// <summary>Values below 128 are their own index; larger ones keep their 7 highest bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(long ns)
    {
        // Setting bit 6 makes small values take the path of shift 0 without a branch.
        int shift = BitOperations.Log2((ulong)ns | (1UL << PrecisionBits)) - PrecisionBits;
        return (shift << PrecisionBits) + (int)(ns >> shift);
    }

    private static long HighestOf(int index)
    {
        int shift = Math.Max(0, (index >> PrecisionBits) - 1);
        long lowest = (long)(index - (shift << PrecisionBits)) << shift;
        return lowest + ((1L << shift) - 1);
    }
}
