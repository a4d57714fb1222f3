using FsCheck.Xunit;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Foundation.Statistics;

public sealed class SummaryTests
{
    [Fact]
    public void Known_samples_give_the_known_interval()
    {
        // Deviations -2 .. 2: variance 10 / 4, standard error sqrt(0.5), t(4) = 2.776.
        Summary summary = Summary.Of([1, 2, 3, 4, 5]);
        Assert.Equal((5, 3m, true), (summary.Count, summary.Mean, summary.HasInterval));
        Assert.Equal(3 - 1.96292842m, Math.Round(summary.Low, 8));
        Assert.Equal(3 + 1.96292842m, Math.Round(summary.High, 8));
    }

    [Fact]
    public void One_sample_has_no_interval()
    {
        Assert.Equal(new Summary(1, 7, 7, 7), Summary.Of([7]));
        Assert.False(Summary.Of([7]).HasInterval);
    }

    [Fact]
    public void Equal_samples_have_a_point_as_interval()
    {
        Assert.Equal(new Summary(4, 7, 7, 7), Summary.Of([7, 7, 7, 7]));
    }

    [Fact]
    public void No_sample_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Summary.Of([]));
    }

    [Fact]
    public void Squares_beyond_a_decimal_do_not_overflow()
    {
        Summary summary = Summary.Of([0, 1e27m]);
        Assert.Equal(5e26m, summary.Mean);
        Assert.Equal(5e26m * (1 + 12.706m), summary.High);
    }

    [Property]
    public bool Order_does_not_matter(decimal[] values)
    {
        decimal[] samples = Bounded(values);
        return samples.Length == 0 || Summary.Of(samples) == Summary.Of([.. samples.Reverse()]);
    }

    [Property]
    public bool Interval_encloses_the_mean_symmetrically(decimal[] values)
    {
        decimal[] samples = Bounded(values);
        if (samples.Length == 0)
        {
            return true;
        }

        Summary summary = Summary.Of(samples);
        decimal asymmetry = (summary.High - summary.Mean) - (summary.Mean - summary.Low);
        return summary.Low <= summary.Mean && summary.Mean <= summary.High && Math.Abs(asymmetry) < 1e-9m
            && samples.Min() <= summary.Mean + 1e-9m && summary.Mean <= samples.Max() + 1e-9m;
    }

    [Property]
    public bool Scaling_the_samples_scales_the_interval(int[] values)
    {
        if (values.Length == 0)
        {
            return true;
        }

        Summary one = Summary.Of([.. values.Select(value => (decimal)value)]);
        Summary thousand = Summary.Of([.. values.Select(value => value * 1000m)]);
        return Math.Abs(one.Low * 1000 - thousand.Low) < 1e-9m && Math.Abs(one.High * 1000 - thousand.High) < 1e-9m;
    }

    /// <summary>Generated decimals reach the largest one, whose sum overflows as documented.</summary>
    private static decimal[] Bounded(decimal[] values) => [.. values.Select(value => value % 1e15m)];
}
