using UapiLab.Abstractions;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed class GfnPackingTests
{
    public static TheoryData<int, int> Shapes { get; } = new() { { 64, 1 }, { 64, 2 }, { 64, 4 }, { 8, 8 } };

    /// <summary>Exhaustive over small ranges: exactly the frames of the range are covered, and none twice.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Spans_cover_exactly_the_range(int wordBits, int bitsPerGfn)
    {
        var packing = new GfnPacking(wordBits, bitsPerGfn);
        for (ulong first = 0; first < 70; first++)
        {
            for (ulong count = 0; count < 200; count++)
            {
                WordSpans spans = packing.Split(new Gfn(first), count);
                for (ulong gfn = 0; gfn < 300; gfn++)
                {
                    bool expected = gfn >= first && gfn < first + count;
                    Assert.Equal(expected ? 1 : 0, TimesCovered(packing, spans, new Gfn(gfn)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Insert_changes_one_frame_and_extract_reads_it(int wordBits, int bitsPerGfn)
    {
        var packing = new GfnPacking(wordBits, bitsPerGfn);
        ulong value = (1UL << bitsPerGfn) - 1;
        for (ulong gfn = 0; gfn < (ulong)(wordBits / bitsPerGfn); gfn++)
        {
            ulong word = packing.Insert(0, new Gfn(gfn), value);
            Assert.Equal(packing.MaskOf(new Gfn(gfn)), word);
            Assert.Equal(value, packing.Extract(word, new Gfn(gfn)));
            Assert.Equal(0UL, packing.Insert(word, new Gfn(gfn), 0));
        }
    }

    [Theory]
    [InlineData(64, 1, 1UL, ulong.MaxValue)]
    [InlineData(64, 2, 1UL, 0x5555_5555_5555_5555UL)]
    [InlineData(64, 4, 6UL, 0x6666_6666_6666_6666UL)]
    [InlineData(8, 8, 2UL, 2UL)]
    public void Uniform_repeats_the_value(int wordBits, int bitsPerGfn, ulong value, ulong expected)
    {
        Assert.Equal(expected, new GfnPacking(wordBits, bitsPerGfn).Uniform(value));
    }

    private static int TimesCovered(GfnPacking packing, WordSpans spans, Gfn gfn)
    {
        ulong word = packing.WordOf(gfn);
        ulong mask = packing.MaskOf(gfn);
        int times = 0;
        times += spans.HeadMask != 0 && word == spans.HeadWord ? Covers(spans.HeadMask, mask) : 0;
        times += word >= spans.FirstWhole && word - spans.FirstWhole < spans.WholeCount ? 1 : 0;
        times += spans.TailMask != 0 && word == spans.TailWord ? Covers(spans.TailMask, mask) : 0;
        return times;
    }

    private static int Covers(ulong span, ulong frame)
    {
        Assert.True((span & frame) == 0 || (span & frame) == frame, "a frame is cut in two");
        return (span & frame) != 0 ? 1 : 0;
    }
}
