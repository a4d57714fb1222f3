using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Tests.Foundation.Specs;

public sealed class ThousandthsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1_000)]
    [InlineData("1.0", 1_000)]
    [InlineData("0.05", 50)]
    [InlineData("0.005", 5)]
    [InlineData("12.34", 12_340)]
    public void Decimals_are_read(string text, long expected)
    {
        Assert.True(Thousandths.TryParse(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("0.0005")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1e3")]
    [InlineData("0,5")]
    [InlineData("5%")]
    [InlineData("99999999999999999999")]
    public void Other_text_is_rejected(string text) => Assert.False(Thousandths.TryParse(text, out _));

    [Property]
    public void What_is_written_is_read_back(uint value)
    {
        Assert.True(Thousandths.TryParse(Thousandths.Format(value), out var read));
        Assert.Equal(value, read);
    }
}
