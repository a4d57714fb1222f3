using System.Globalization;
using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Foundation.Statistics;

public sealed class RoundingTests
{
    [Theory]
    [InlineData("1", 3, "1.00")]
    [InlineData("0", 3, "0")]
    [InlineData("12345", 3, "12300")]
    [InlineData("12350", 3, "12400")]
    [InlineData("-12350", 3, "-12400")]
    [InlineData("9.996", 3, "10.0")]
    [InlineData("999.9", 3, "1000")]
    [InlineData("0.012345", 3, "0.0123")]
    [InlineData("0.09999", 3, "0.100")]
    [InlineData("1.005", 3, "1.01")]
    [InlineData("123456789012345678901234567", 27, "123456789012345678901234567")]
    [InlineData("0.0000000000000000000000000012", 3, "0.0000000000000000000000000012")]
    [InlineData("79228162514264337593543950335", 3, "79200000000000000000000000000")]
    [InlineData("2.5000000", 2, "2.5")]
    public void Text_has_the_asked_number_of_digits(string value, int digits, string expected)
    {
        Assert.Equal(expected, Rounding.Format(decimal.Parse(value, CultureInfo.InvariantCulture), digits));
    }

    [Property]
    public bool Text_reads_back_as_the_rounded_value(int value, ushort divisor, byte digits)
    {
        decimal number = value / (divisor + 1m);
        int kept = 1 + digits % 12;
        return decimal.Parse(Rounding.Format(number, kept), CultureInfo.InvariantCulture)
            == Rounding.Significant(number, kept);
    }

    [Property]
    public bool Error_is_at_most_half_a_unit_of_the_last_digit(int value)
    {
        decimal error = Math.Abs(Rounding.Significant(value, 3) - value);
        return error * 200 <= Math.Abs((decimal)value);
    }

    [Property]
    public bool Rounding_twice_changes_nothing(int value, ushort divisor)
    {
        decimal number = value / (divisor + 1m);
        decimal once = Rounding.Significant(number, 3);
        return Rounding.Significant(once, 3) == once && Rounding.Format(once, 3) == Rounding.Format(number, 3);
    }

    [Fact]
    public void Number_of_digits_is_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Rounding.Significant(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Rounding.Format(1, 28));
    }
}
