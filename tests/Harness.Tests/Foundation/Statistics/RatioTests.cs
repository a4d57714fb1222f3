using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Foundation.Statistics;

public sealed class RatioTests
{
    [Fact]
    public void Pairs_are_divided_before_they_are_averaged()
    {
        Summary ratio = Ratio.Of([2, 30, 400], [1, 10, 100]);
        Assert.Equal(Summary.Of([2, 3, 4]), ratio);
    }

    [Property]
    public bool Ratio_to_a_multiple_of_itself_is_exact(uint[] values, byte factor)
    {
        decimal[] denominators = [.. values.Select(value => value + 1m)];
        return values.Length == 0
            || Ratio.Of([.. denominators.Select(value => value * factor)], denominators)
                == new Summary(values.Length, factor, factor, factor);
    }

    [Fact]
    public void Unpaired_empty_and_zero_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Ratio.Of([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => Ratio.Of([], []));
        Assert.Throws<ArgumentException>(() => Ratio.Of([1], [0]));
    }
}
