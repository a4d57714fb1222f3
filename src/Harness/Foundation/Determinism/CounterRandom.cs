using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>A random source without state: a word is a pure function of its coordinates.</summary>
/// <remarks>Taking a draw cannot shift any other draw, so two encodings that schedule different events still see
/// the same latency for the same page. Integer operations only: equal on every CPU.</remarks>
internal static class CounterRandom
{
    /// <summary>The 64-bit word at the given coordinates.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="stream">What the draw is for; one number for each independent use.</param>
    /// <param name="key">Which instance, for example a gfn or an event number.</param>
    /// <param name="draw">Counter for several draws of one instance.</param>
    /// <remarks>For one seed, and for one stream and draw, words of different keys never collide.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong At(ulong seed, uint stream, ulong key, uint draw = 0)
    {
        unchecked
        {
            // Gamma keeps zero, the fixed point of Mix, from passing through all rounds for all-zero coordinates.
            // The rounds are chained, not summed: seed 1 with key 2 has nothing to do with seed 2 with key 1.
            ulong word = SplitMix64.Mix(seed + SplitMix64.Gamma);
            word = SplitMix64.Mix(word + SplitMix64.Gamma + (((ulong)stream << 32) | draw));
            return SplitMix64.Mix(word + SplitMix64.Gamma + key);
        }
    }

    /// <summary>Maps a uniform word to 0 .. <paramref name="n"/> - 1.</summary>
    /// <param name="word">A uniform 64-bit word; its high bits decide.</param>
    /// <param name="n">Number of outcomes, at least 1. No outcome is off by more than 2^-64 in probability.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is 0.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Below(ulong word, ulong n)
    {
        ArgumentOutOfRangeException.ThrowIfZero(n);
        return Math.BigMul(word, n, out _);
    }

    /// <summary>True with a chance of <paramref name="permille"/> in 1000; 0 is never, 1000 and more is
    /// always.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Permille(ulong word, uint permille) => Below(word, 1_000) < permille;

    /// <summary>True with a chance of <paramref name="ppm"/> in 1 000 000; 0 is never, 1 000 000 and more is
    /// always.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool PartsPerMillion(ulong word, uint ppm) => Below(word, 1_000_000) < ppm;
}
