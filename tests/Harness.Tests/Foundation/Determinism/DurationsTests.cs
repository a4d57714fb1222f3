using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("0ns", 0)]
    [InlineData("999ns", 999)]
    [InlineData("1.5us", 1_500)]
    [InlineData("10ms", 10_000_000)]
    [InlineData("1.000000001s", 1_000_000_001)]
    [InlineData("9223372036.854775807s", long.MaxValue)]
    public void Text_and_value_agree_both_ways(string text, long ns)
    {
        Assert.True(Durations.TryParse(text, out long parsed));
        Assert.Equal(ns, parsed);
        Assert.Equal(text, Durations.Format(ns));
    }

    [Theory]
    [InlineData("1500ns", 1_500)]
    [InlineData("0.25ms", 250_000)]
    [InlineData("1.50000000000us", 1_500)]
    [InlineData("1.0ns", 1)]
    public void Other_spellings_are_read(string text, long ns)
    {
        Assert.True(Durations.TryParse(text, out long parsed));
        Assert.Equal(ns, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("ms")]
    [InlineData("10 ms")]
    [InlineData("-1ms")]
    [InlineData("+1ms")]
    [InlineData("1,5us")]
    [InlineData(".5us")]
    [InlineData("5.us")]
    [InlineData("1.2.3us")]
    [InlineData("1.5ns")]
    [InlineData("1.0001us")]
    [InlineData("1MS")]
    [InlineData("1m")]
    [InlineData("1mms")]
    [InlineData("٣ms")]
    [InlineData("9223372036.854775808s")]
    [InlineData("99999999999999999999999999999999999999999s")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(Durations.TryParse(text, out long ns));
        Assert.Equal(0, ns);
    }

    [Property(MaxTest = 1000)]
    public bool Every_value_survives(ulong seed, byte shift)
    {
        long ns = (long)(SplitMix64.Mix(seed) >> (1 + shift % 63));
        return Durations.TryParse(Durations.Format(ns), out long parsed) && parsed == ns;
    }

    [Fact]
    public void Negative_durations_do_not_exist()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Durations.Format(-1));
    }
}
