using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace UapiLab.Harness.Checking.Search;

/// <summary>64-bit hash of a state's bytes: multiply-and-fold over 16 bytes at a time, in two lanes for long
/// states.</summary>
internal static class Fingerprint
{
    /// <summary>Where nobody names one.</summary>
    public const ulong Seed = 0x243F6A8885A308D3;

    private const ulong A = 0x9FB21C651E98DF25, B = 0xC2B2AE3D27D4EB4F,
        C = 0x165667B19E3779F9, D = 0xD6E8FEB86659FD93;

    public static ulong Of(ReadOnlySpan<byte> state) => Of(state, Seed);

    /// <summary>Another hash for each seed.</summary>
    public static ulong Of(ReadOnlySpan<byte> state, ulong seed)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(state);
        var first = seed ^ ((ulong)state.Length * A);
        var second = seed + B;
        var i = 0;
        for (; i + 4 <= words.Length; i += 4)
        {
            first = Fold(first ^ words[i], A ^ words[i + 1]);
            second = Fold(second ^ words[i + 2], B ^ words[i + 3]);
        }

        for (; i < words.Length; i++)
        {
            first = Fold(first ^ words[i], C);
        }

        ulong rest = 0;
        foreach (var b in state[(words.Length * sizeof(ulong))..])
        {
            rest = rest << 8 | b;
        }

        return Fold(first ^ rest, D ^ second);
    }

    /// <summary>The fingerprint of a state together with what of the environment's budget is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong With(ulong fingerprint, byte remainingBudget)
    {
        var mixed = remainingBudget == 0 ? fingerprint : Fold(fingerprint ^ C, A + ((ulong)remainingBudget * B));
        return mixed == 0 ? 1 : mixed; // 0 marks an empty place
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong x, ulong y)
    {
        var high = Math.BigMul(x, y, out var low);
        return high ^ low;
    }
}
