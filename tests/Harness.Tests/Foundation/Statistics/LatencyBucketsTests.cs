using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Foundation.Statistics;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void A_bucket_takes_what_is_longer_than_the_one_before_and_at_most_its_own_end()
    {
        var ends = LatencyBuckets.Ends;
        for (var at = 0; at < ends.Count; at++)
        {
            Assert.Equal(at, LatencyBuckets.Of(ends[at]));
            Assert.Equal(Math.Min(at + 1, ends.Count - 1), LatencyBuckets.Of(ends[at] + 1));
        }

        Assert.Equal((0, ends.Count - 1), (LatencyBuckets.Of(0), LatencyBuckets.Of(long.MaxValue)));
    }

    [Fact]
    public void Ends_are_few_and_rise_by_at_most_two_thirds()
    {
        var ends = LatencyBuckets.Ends;
        Assert.InRange(ends.Count, 2, 70);
        Assert.All(ends.Zip(ends.Skip(1)), p => Assert.InRange(p.Second / (decimal)p.First, 1.3m, 1.67m));
    }
}
