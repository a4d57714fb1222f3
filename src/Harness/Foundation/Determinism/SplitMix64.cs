using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>The SplitMix64 generator: a sequence of 64-bit words from one seed.</summary>
/// <remarks>Use it where draws have a natural order within one owner. Where events may be reordered,
/// <see cref="CounterRandom"/> keeps a draw independent of how many draws came before it.
/// This is a mutable struct: pass it by reference, a copy repeats the sequence.</remarks>
/// <param name="seed">Any value; equal seeds give equal sequences.</param>
internal struct SplitMix64(ulong seed)
{
    /// <summary>The odd number nearest to 2^64 divided by the golden ratio, the step of the sequence.</summary>
    internal const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    /// <summary>The next word, uniform over all 64-bit values; the period is 2^64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        unchecked
        {
            _state += Gamma;
            return Mix(_state);
        }
    }

    /// <summary>The output function: a bijection in which every input bit affects every output bit.
    /// Zero maps to zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
