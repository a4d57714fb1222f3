using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

public sealed class DecimalMathTests
{
    [Property]
    public bool Root_of_a_square_is_exact(uint value) => DecimalMath.Sqrt((decimal)value * value) == value;

    [Theory]
    [InlineData("2", "1.4142135623730950488016887242")]
    [InlineData("0.0000000000000000000000000001", "0.00000000000001")]
    [InlineData("79228162514264337593543950335", "281474976710655.99999999999999")]
    public void Root_has_28_places_or_digits(string value, string expected)
    {
        decimal root = DecimalMath.Sqrt(Read(value));
        decimal tolerance = 2 * Read(expected) * 1e-28m + 2e-28m;
        Assert.InRange(root - Read(expected), -tolerance, tolerance);
    }

    [Theory]
    [InlineData("0", "1")]
    [InlineData("1", "0.3678794411714423215955237702")]
    [InlineData("0.001", "0.9990004998333749916680553572")]
    [InlineData("10", "0.0000453999297624848515355915")]
    [InlineData("63.9", "0")]
    [InlineData("1000000000000000", "0")]
    public void Exponential_is_within_its_bound(string x, string expected)
    {
        Assert.InRange(DecimalMath.ExpNegative(Read(x)) - Read(expected), -1e-24m, 1e-24m);
    }

    [Fact]
    public void Negative_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DecimalMath.Sqrt(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => DecimalMath.ExpNegative(-1));
    }

    private static decimal Read(string text) =>
        decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
