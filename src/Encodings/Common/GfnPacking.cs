using System.Numerics;
using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>Arithmetic of a per-gfn region: which word holds a frame, and which bits of it. The lowest frame of a word
/// is in its lowest bits.</summary>
/// <param name="WordBits">Width of a word of the region.</param>
/// <param name="BitsPerGfn">Bits of one frame; divides <paramref name="WordBits"/>.</param>
internal readonly record struct GfnPacking(int WordBits, int BitsPerGfn)
{
    /// <summary>One bit per frame in 64-bit words: the userfault bitmap, and one plane of a split layout.</summary>
    public static GfnPacking Bitmap => new(64, 1);

    // Both widths are powers of two. Shifts, since this is on the way of every fault: a division takes several times as
    // long as the rest of it, where the widths are options and no constants.
    private int GfnsPerWordLog2 => BitOperations.Log2((uint)WordBits) - BitOperations.Log2((uint)BitsPerGfn);

    private ulong GfnsPerWord => 1UL << GfnsPerWordLog2;

    private ulong LowestGfnMask => ulong.MaxValue >> (64 - BitsPerGfn);

    public ulong WordOf(Gfn gfn) => gfn.Value >> GfnsPerWordLog2;

    public ulong MaskOf(Gfn gfn) => LowestGfnMask << ShiftOf(gfn);

    /// <summary>The frame's bits out of its word.</summary>
    public ulong Extract(ulong word, Gfn gfn) => (word >> ShiftOf(gfn)) & LowestGfnMask;

    /// <summary>The word with the frame's bits replaced.</summary>
    public ulong Insert(ulong word, Gfn gfn, ulong value) => (word & ~MaskOf(gfn)) | (value << ShiftOf(gfn));

    /// <summary>A word whose every frame has this value.</summary>
    public ulong Uniform(ulong value)
    {
        ulong word = 0;
        for (int shift = 0; shift < WordBits; shift += BitsPerGfn)
        {
            word |= value << shift;
        }

        return word;
    }

    /// <summary>Cuts a range of frames into words it covers wholly and words it shares with frames outside.</summary>
    public WordSpans Split(Gfn first, ulong count)
    {
        if (count == 0)
        {
            return default;
        }

        ulong end = first.Value + count;
        ulong firstWord = first.Value / GfnsPerWord;
        ulong endWord = end / GfnsPerWord;
        int head = ShiftOf(first);
        int tail = ShiftOf(new Gfn(end));
        if (firstWord == endWord)
        {
            return new(firstWord, Below(tail) & ~Below(head), 0, 0, 0, 0);
        }

        ulong headMask = head == 0 ? 0 : Below(WordBits) & ~Below(head);
        ulong firstWhole = head == 0 ? firstWord : firstWord + 1;
        return new(firstWord, headMask, firstWhole, endWord - firstWhole, endWord, Below(tail));
    }

    private int ShiftOf(Gfn gfn) =>
        (unchecked((int)gfn.Value) & ((1 << GfnsPerWordLog2) - 1)) << BitOperations.Log2((uint)BitsPerGfn);

    private static ulong Below(int bit) => bit == 0 ? 0 : ulong.MaxValue >> (64 - bit);
}
