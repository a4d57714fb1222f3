using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using Xunit;

namespace UapiLab.Harness.Tests.Lab.Concerns;

/// <summary>Crossings of functions that are known.</summary>
public sealed class SweepTests
{
    private static readonly long[] s_times = [1_000, 10_000, 100_000, 1_000_000];

    [Theory]
    [InlineData(1_500)]
    [InlineData(42_000)]
    [InlineData(999_000)]
    public void A_rise_is_found_between_its_neighbours(long at)
    {
        var crossing = Assert.Single(Times(v => Exactly((decimal)v / at)).Crossings);
        Assert.True(crossing.Rises);
        Assert.InRange(at, Ns(crossing.After), Ns(crossing.At));
        Assert.True(Ns(crossing.At) <= Ns(crossing.After) * 1.04m);
    }

    [Fact]
    public void A_fall_is_found_too()
    {
        var crossing = Assert.Single(Times(v => Exactly(20_000m / v)).Crossings);
        Assert.False(crossing.Rises);
        Assert.InRange(20_000, Ns(crossing.After), Ns(crossing.At));
    }

    /// <summary>The mean crosses at 20 us; half of it more or less is what the seeds leave open.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_interval_ends_where_the_seeds_agree(bool rises)
    {
        var crossing =
            Assert.Single(Times(v => (rises ? v / 20_000m : 20_000m / v) is var mean
                ? new Summary(5, mean, mean * 0.5m, mean * 1.5m) : default).Crossings);
        var (low, high) = rises ? (20_000 / 1.5m, 40_000m) : (10_000m, 30_000m);
        Assert.InRange(Ns(crossing.Low!), low * 0.96m, low);
        Assert.InRange(Ns(crossing.High!), high, high * 1.04m);
    }

    [Fact]
    public void An_end_that_is_not_in_the_range_is_left_open()
    {
        var crossing = Assert.Single(Times(v => new Summary(5, v / 20_000m, 0, 100)).Crossings);
        Assert.Null(crossing.Low);
        Assert.Null(crossing.High);
        Assert.EndsWith("[…, …]", CurveText.At(crossing), StringComparison.Ordinal);
    }

    [Fact]
    public void No_crossing_is_an_answer()
    {
        var curve = Times(_ => Exactly(0.5m));
        Assert.Empty(curve.Crossings);
        Assert.Equal(
            "ratio by time: 1us:0.5, 10us:0.5, 100us:0.5, 1ms:0.5; no crossing of 1 within 1us..1ms, below throughout",
            CurveText.Line(curve));
    }

    [Fact]
    public void What_is_not_told_from_the_level_crosses_nothing() =>
        Assert.Empty(Times(v => Exactly(v < 50_000 ? 1.0001m : 0.9999m)).Crossings);

    [Fact]
    public void Each_change_of_sides_is_a_crossing()
    {
        var curve = Times(v => Exactly(v is > 3_000 and < 300_000 ? 2 : 0.5m));
        Assert.Equal([true, false], curve.Crossings.Select(c => c.Rises));
    }

    [Fact]
    public void A_run_without_result_leaves_a_gap()
    {
        var curve = Times(v => v == 10_000 ? null : Exactly(v / 20_000m));
        Assert.Null(curve.Points[1].Mean);
        Assert.Single(curve.Crossings);
        Assert.Contains("10us:?", CurveText.Line(curve), StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_and_counts_are_halved_by_their_difference()
    {
        Assert.InRange(
            decimal.Parse(
            Assert.Single(new Sweep("ratio", "share", SweepScale.Share, [0, 1_000], v => Exactly(v / 303m))
            .Run().Crossings).At, System.Globalization.CultureInfo.InvariantCulture), 0.303m, 0.308m);
        Assert.Equal("8", Assert.Single(new Sweep("ratio", "count", SweepScale.Count, [1, 16], v => Exactly(v / 7m))
            .Run().Crossings).At);
    }

    [Fact]
    public void Another_level() =>
        Assert.InRange(
            Ns(Assert.Single((Sweep(v => Exactly(v / 1_000_000m)) with { Level = 0.05m }).Run().Crossings).At), 50_000,
            52_000);

    private static Curve Times(Func<long, Summary?> ratio) => Sweep(ratio).Run();

    private static Sweep Sweep(Func<long, Summary?> ratio) => new("ratio", "time", SweepScale.Time, s_times, ratio);

    private static Summary? Exactly(decimal value) => Summary.Of([value, value]);

    private static long Ns(string text) => Harness.Foundation.Determinism.Durations.TryParse(text, out var ns) ? ns
        : throw new FormatException(text);
}
