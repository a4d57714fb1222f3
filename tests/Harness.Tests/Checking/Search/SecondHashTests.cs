using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>Where one hash is not enough, a second one has to say the same.</summary>
public sealed class SecondHashTests
{
    [Fact]
    public void One_hash_is_enough_for_a_small_search()
    {
        var result = Check(new()).Result;
        Assert.Null(result.SecondHash);
        Assert.InRange(result.CollisionBound, double.Epsilon, StateHash.MostCollisions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_second_one_says_the_same_if_no_state_was_taken_for_another(int depthFirst)
    {
        var one = Check(new() { DepthFirst = depthFirst }).Result;
        var two = Check(new() { DepthFirst = depthFirst, Hash = new(Fingerprint.Seed, 28) }).Result;
        Assert.Equal("with two hashes", two.SecondHash!.Words);
        Assert.Equal((one.States, one.Transitions, one.Bound), (two.States, two.Transitions, two.Bound));
        Assert.Equal(one.Properties.Select(p => p.Verdict), two.Properties.Select(p => p.Verdict));
        Assert.True(two.CollisionBound > one.CollisionBound);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void States_taken_for_others_leave_it_undecided(int depthFirst)
    {
        var outcome = Check(new() { DepthFirst = depthFirst, Hash = new(Fingerprint.Seed, 12) });
        Assert.StartsWith("states taken for others: ", outcome.Result.Bound, StringComparison.Ordinal);
        Assert.True(outcome.IsUndecided);
        Assert.DoesNotContain(outcome.Result.Properties,
            p => p.Verdict is PropertyVerdict.Holds or PropertyVerdict.NeverSeen);
    }

    /// <summary>What was broken has a path, and a path is true whatever a hash does.</summary>
    [Fact]
    public void A_break_that_one_of_them_hid_is_told()
    {
        var broken = Result(PropertyVerdict.Broken, new(0, [1, 2]), 9);
        foreach (var both in new[] { Result(PropertyVerdict.Holds, null, 8).With(broken),
            broken.With(Result(PropertyVerdict.Holds, null, 8)) })
        {
            Assert.Equal(PropertyVerdict.Broken, both.Properties[0].Verdict);
            Assert.Equal([1, 2], both.Properties[0].Path!.Actions);
        }
    }

    [Fact]
    public void A_second_search_that_does_not_end_is_told()
    {
        var both = Result(PropertyVerdict.Holds, null, 8)
            .With(Result(PropertyVerdict.NotDecided, null, 5) with { Bound = "time" });
        Assert.Equal("not repeated with a second hash: time", both.SecondHash!.Words);
        Assert.Equal(PropertyVerdict.Holds, both.Properties[0].Verdict);
    }

    private static CheckOutcome Check(SearchOptions options) => Checker.Run(
        new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"), CheckInstance.Resolve("quick:vcpus=1"),
        options);

    private static SearchResult Result(PropertyVerdict verdict, StatePath? path, long states) => new()
    {
        Properties = [new(new("lost-wakeup", PropertyKind.Always, "Never."), verdict, path)],
        States = states,
        Transitions = 9,
        Depth = 1,
        Bound = null,
        BytesPerState = 0,
        CollisionBound = 0.5,
    };
}
