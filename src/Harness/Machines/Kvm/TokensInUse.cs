using System.Numerics;
using System.Runtime.Intrinsics;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>Which tokens of a vCPU occur among 32-bit words, whatever these say.</summary>
internal static class TokensInUse
{
    /// <summary>Bits of a token below its counter.</summary>
    public const int IdBits = 12;

    /// <summary>From a token to the first that is not looked for together with it.</summary>
    public const uint Span = Counters << IdBits;

    private const int Counters = 64;

    /// <returns>Bit i: <paramref name="first"/> with a counter greater by i occurs.</returns>
    public static ulong In(ReadOnlySpan<uint> words, uint first)
    {
        ulong used = 0;
        var i = 0;
        var least = Vector256.Create(first);
        var last = Vector256.Create(Counters - 1U);
        for (; i + Vector256<uint>.Count <= words.Length; i += Vector256<uint>.Count)
        {
            // the distance, rotated: what is no token of the vCPU becomes a large number
            var distance = Vector256.Create(words[i..]) - least;
            var counters = (distance >> IdBits) | (distance << (32 - IdBits));
            var found = Vector256.Equals(Vector256.Min(counters, last), counters).ExtractMostSignificantBits();
            for (; found != 0; found &= found - 1)
            {
                used |= 1UL << (int)counters[BitOperations.TrailingZeroCount(found)];
            }
        }

        for (; i < words.Length; i++)
        {
            var counter = BitOperations.RotateRight(words[i] - first, IdBits);
            used |= counter < Counters ? 1UL << (int)counter : 0;
        }

        return used;
    }
}
