using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Comparisons.Reports;

public sealed class WordsTests
{
    [Fact]
    public void An_interval_has_three_digits()
    {
        Assert.Equal("1.26 [1.25, 1.27]", Words.Interval(new Summary(5, 1.2601m, 1.2501m, 1.2701m)));
    }

    [Theory]
    [InlineData("1.2601", "0.0101", "1.26 +-0.01")]
    [InlineData("0.98", "0.1134", "0.980 +-0.113")]
    [InlineData("123.4", "4.4", "123 +-4")]
    [InlineData("0", "0", "0 +-0")]
    public void Half_an_interval_has_as_many_places_as_its_mean(string mean, string half, string expected)
    {
        var m = decimal.Parse(mean, System.Globalization.CultureInfo.InvariantCulture);
        var h = decimal.Parse(half, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(expected, Words.PlusMinus(new Summary(5, m, m - h, m + h)));
    }

    [Fact]
    public void What_cannot_be_told_is_a_dash_and_one_sample_has_no_interval()
    {
        Assert.Equal("-", Words.Interval(null));
        Assert.Equal("-", Words.Duration(null));
        Assert.Equal("1.00", Words.PlusMinus(new Summary(1, 1, 1, 1)));
    }

    [Fact]
    public void A_duration_has_three_digits_and_a_unit()
    {
        Assert.Equal("12.3us", Words.Duration(12_345));
    }
}
