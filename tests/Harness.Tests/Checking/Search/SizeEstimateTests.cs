using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>What is said of the size of a search before it has ended.</summary>
public sealed class SizeEstimateTests
{
    [Fact]
    public void Levels_that_grow_and_shrink_evenly_are_foreseen_from_the_first_third()
    {
        double Size(int level) => 1_000_000 * Math.Exp(-(level - 40) * (level - 40) / 200.0);
        var estimate = new SizeEstimate();
        for (var level = 0; level < 36; level++)
        {
            estimate.Add((long)Size(level));
        }

        var all = Enumerable.Range(0, 100).Sum(Size);
        var (least, most) = estimate.Total!.Value;
        Assert.InRange(all, least, most);
        Assert.InRange(most / (double)least, 1, 5);
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(1.0)]
    public void Of_levels_that_grow_evenly_nothing_is_said(double growth)
    {
        var estimate = new SizeEstimate();
        for (var level = 0; level < 30; level++)
        {
            estimate.Add((long)(10 * Math.Pow(growth, level)));
        }

        Assert.Null(estimate.Total);
    }

    /// <summary>Searches of the suite, ended after two thirds of their states.</summary>
    [Theory]
    [InlineData("single-bit", "re-arm-early")]
    [InlineData("async-hint", "boundary")]
    [InlineData("multi-bit", "hostile")]
    public void Where_a_bound_ends_a_search_the_truth_lies_within(string encoding, string instance)
    {
        var all = Search(encoding, instance, long.MaxValue);
        var ended = Search(encoding, instance, all.States * 2 / 3);
        Assert.Null(all.ExpectedStates);
        var (least, most) = ended.ExpectedStates!.Value;
        Assert.InRange(all.States, least, most);
    }

    private static SearchResult Search(string encoding, string instance, long states) => Checker.Run(
        new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding), CheckInstance.Resolve(instance),
        new() { MaxStates = states }).Result;
}
