using System.Numerics;
using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>Natural logarithm of a uniform word in integer arithmetic.</summary>
/// <remarks>The C library's logarithm differs in its last bit between platforms, which is enough to reorder two
/// simulated events. Nothing here depends on the platform.</remarks>
internal static class FixedPointLog
{
    /// <summary>Fraction bits of <see cref="NegativeLn"/>.</summary>
    public const int FractionBits = 32;

    /// <summary>Largest result, that of word 0: 64 ln 2, about 44.36.</summary>
    public const ulong MaxValue = 190530846196UL;

    // All fractions of the table and the sum are Q56: 64 ln 2 still fits, and 24 guard bits absorb the rounding.
    private const ulong Ln2 = 49946518145322874UL;

    // 1/3 and 1/5 in Q64. Every Q64 value below is under 1/2 in magnitude, so it fits a signed word.
    private const long Third = 6148914691236517205;
    private const long Quarter = 1L << 62;
    private const long Fifth = 3689348814741910323;

    /// <summary>Reciprocals in Q16 of the middle of 32 equal parts of [1, 2): round(2^22 / (65 + 2 i)).</summary>
    internal static ReadOnlySpan<ushort> Reciprocals =>
    [
        64528, 62602, 60787, 59075, 57456, 55924, 54471, 53092,
        51782, 50534, 49345, 48210, 47127, 46091, 45100, 44151,
        43240, 42367, 41528, 40721, 39946, 39199, 38480, 37787,
        37118, 36472, 35849, 35246, 34664, 34100, 33554, 33026,
    ];

    /// <summary>-ln of each reciprocal in Q56. The logarithm of the rounded reciprocal, so that rounding it costs no
    /// accuracy.</summary>
    internal static ReadOnlySpan<ulong> Logarithms =>
    [
        1116919501914235, 3300409556176501, 5420435929553361, 7478986445200736,
        9481350652959924, 11428765596351037, 13325694453709347, 15173409128972277,
        16973671503693242, 18731604525998988, 20447291043982740, 22124069470681012,
        23761245621971124, 25362969348856511, 26929174061727502, 28461599110521812,
        29963969975951659, 31433673630201320, 32874959451041617, 34289015415809590,
        35673630033112182, 37033883269251587, 38367857439040695, 39677395956273990,
        40964568034449931, 42229696489223266, 43471189045237393, 44693547049736158,
        45893332162115071, 47075386562665861, 48238490017250557, 49381392007615404,
    ];

    /// <summary>-ln(u) for u = (<paramref name="word"/> + 1) / 2^64, which is uniform over (0, 1].</summary>
    /// <returns>Fixed point with 32 fraction bits, 0 (for the largest word) to <see cref="MaxValue"/> (for word 0).
    /// The absolute error is below 0.52 * 2^-32: half a unit for the final rounding, the rest for the series.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong NegativeLn(ulong word)
    {
        if (word == ulong.MaxValue)
        {
            return 0;
        }

        unchecked
        {
            // u = m * 2^-(zeros + 1) with m in [1, 2), held in Q63.
            ulong x = word + 1;
            int zeros = BitOperations.LeadingZeroCount(x);
            ulong m = x << zeros;

            // m * reciprocal = 1 + r with |r| < 1/64. The product is Q79; dropping 15 bits gives Q64, where the
            // leading 1 falls off the word and leaves r as a signed value.
            int part = (int)(m >> 58) & 31;
            ulong high = Math.BigMul(m, (ulong)Reciprocals[part], out ulong low);
            long r = (long)((high << 49) | (low >> 15));

            // ln(1 + r) up to r^5 / 5; the rest is below 2.3e-12, a hundredth of the result's unit.
            long r2 = MultiplyQ64(r, r);
            long r3 = MultiplyQ64(r2, r);
            long tail = Third + MultiplyQ64(r, MultiplyQ64(r, Fifth) - Quarter);
            long series = r - (r2 >> 1) + MultiplyQ64(r3, tail);

            long sum = (long)((ulong)(zeros + 1) * Ln2) - (long)Logarithms[part] - (series >> 8);
            return (ulong)((sum + (1L << 23)) >> 24);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long MultiplyQ64(long a, long b) => Math.BigMul(a, b, out _);
}
