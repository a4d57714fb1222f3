using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

[Properties(Arbitrary = [typeof(Distributions)])]
public sealed class DistributionTests
{
    private const ulong Samples = 200_000;

    public static TheoryData<string, long> CanonicalForms { get; } = new()
    {
        { "10ms", 10_000_000 },
        { "uniform(20us,50us)", 35_000 },
        { "exp(30us)", 30_000 },
        { "min(20us)+exp(10us)", 30_000 },
        { "mix(30us,5ms,ppm=20000)", 129_400 },
    };

    [Theory]
    [MemberData(nameof(CanonicalForms))]
    public void Canonical_text_is_read_and_written(string text, long mean)
    {
        Distribution value = Parse(text);
        Assert.Equal(text, value.ToString());
        Assert.Equal(mean, value.Mean);
    }

    [Theory]
    [InlineData("const(30us)", "30us")]
    [InlineData(" exp( 30us , cap = 1000us ) ", "exp(30us,cap=1ms)")]
    [InlineData("min(0ns) + exp(1us)", "exp(1us)")]
    public void Other_spellings_become_canonical(string text, string canonical)
    {
        Assert.Equal(canonical, Parse(text).ToString());
    }

    [Theory]
    [InlineData(null, "a duration such as")]
    [InlineData("", "a duration such as")]
    [InlineData("10", "a duration such as")]
    [InlineData("(30us)", "a duration such as")]
    [InlineData("1000001s", "a duration such as")]
    [InlineData("gauss(1us,2us)", "a duration such as")]
    [InlineData("1us+2us+3us", "a duration such as")]
    [InlineData("const()", "const(d)")]
    [InlineData("uniform(2us,1us)", "uniform(low,high)")]
    [InlineData("uniform(1us)", "uniform(low,high)")]
    [InlineData("exp(1us,cap=0ns)", "exp(mean)")]
    [InlineData("exp(1us,2us)", "exp(mean)")]
    [InlineData("exp(1us,cap=1us,cap=2us)", "exp(mean)")]
    [InlineData("mix(1us,2us,ppm=1000001)", "mix(usual,other,ppm=n)")]
    [InlineData("mix(1us,2us,ppm=-1)", "mix(usual,other,ppm=n)")]
    [InlineData("mix(1us,2us)", "mix(usual,other,ppm=n)")]
    [InlineData("min(1us)+2us", "min(d)+exp(mean)")]
    [InlineData("exp(1us)+min(1us)", "min(d)+exp(mean)")]
    public void Wrong_text_is_answered_with_the_expected_form(string? text, string expectedStart)
    {
        Assert.False(Distribution.TryParse(text, out Distribution value, out string expected));
        Assert.Equal(default, value);
        Assert.StartsWith(expectedStart, expected, StringComparison.Ordinal);
    }

    [Property(MaxTest = 1000)]
    public bool Text_form_reads_back_as_an_equal_value(Distribution value) =>
        Distribution.TryParse(value.ToString(), out Distribution parsed, out string expected)
        && parsed == value
        && expected.Length == 0;

    [Property(MaxTest = 1000)]
    public bool Samples_are_never_negative(Distribution value, ulong seed) =>
        value.Sample(SplitMix64.Mix(seed)) >= 0 && value.Sample(0) >= 0 && value.Sample(ulong.MaxValue) >= 0;

    [Theory]
    [InlineData("10ms")]
    [InlineData("uniform(20us,50us)")]
    [InlineData("exp(30us)")]
    [InlineData("exp(30us,cap=20us)")]
    [InlineData("min(20us)+exp(10us,cap=40us)")]
    [InlineData("mix(30us,5ms,ppm=20000)")]
    public void Average_of_many_samples_is_near_the_mean(string text)
    {
        Distribution value = Parse(text);
        long sum = 0;
        for (ulong key = 0; key < Samples; key++)
        {
            sum += value.Sample(CounterRandom.At(11, 0, key));
        }

        // The widest kind here, mix, has 1.2 % of its mean as standard deviation of this average; the seed is fixed.
        Assert.InRange(sum / (decimal)Samples / value.Mean, 0.97m, 1.03m);
    }

    [Fact]
    public void Uniform_includes_both_ends()
    {
        Distribution value = Distribution.Uniform(5, 7);
        Assert.Equal(5, value.Sample(0));
        Assert.Equal(7, value.Sample(ulong.MaxValue));
        Assert.Equal(9, Distribution.Uniform(9, 9).Sample(ulong.MaxValue / 3));
    }

    [Fact]
    public void Cap_bounds_the_exponential_part_alone()
    {
        Assert.Equal(1_030, Distribution.ShiftedExponential(1_000, 10, cap: 30).Sample(0));
        Assert.Equal(1_000, Distribution.ShiftedExponential(1_000, 10, cap: 30).Sample(ulong.MaxValue));
    }

    [Fact]
    public void Mean_of_a_capped_exponential_counts_the_cap()
    {
        // 30000 (1 - 1/e)
        Assert.Equal(18963.616765m, Distribution.Exponential(30_000, cap: 30_000).Mean);
        Assert.Equal(0, Distribution.Exponential(0, cap: 30_000).Mean);
    }

    [Fact]
    public void Parameters_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Distribution.Constant(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Distribution.Constant(Distribution.MaxParameter + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Distribution.Uniform(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Distribution.Exponential(1, cap: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Distribution.Bimodal(1, 2, 1_000_001));
    }

    /// <summary>Recorded results depend on these samples.</summary>
    [Theory]
    [InlineData("uniform(20us,50us)", 41075)]
    [InlineData("exp(30us)", 10593)]
    [InlineData("min(20us)+exp(10us)", 23531)]
    public void Samples_never_change(string text, long expected)
    {
        Assert.Equal(expected, Parse(text).Sample(CounterRandom.At(1, 2, 3)));
    }

    private static Distribution Parse(string text)
    {
        Assert.True(Distribution.TryParse(text, out Distribution value, out string expected), expected);
        return value;
    }
}
