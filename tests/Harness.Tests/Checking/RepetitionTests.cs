using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>What holds on a small machine is searched again without reductions, and that search has the last
/// word.</summary>
public sealed class RepetitionTests
{
    private static readonly PropertySpec s_always = new("lost-wakeup", PropertyKind.Always, "Never.");
    private static readonly PropertySpec s_sometimes = new("late-apf", PropertyKind.Sometimes, "Now and then.");

    [Fact]
    public void What_holds_is_searched_again()
    {
        var outcome = Check(new() { RepeatsBelow = 10_000 });
        Assert.True(outcome.Repetition!.IsSame, outcome.Repetition.Words);
        Assert.True(outcome.Repetition.States > outcome.Result.States);
        Assert.False(outcome.IsBroken);
    }

    [Fact]
    public void A_machine_that_is_not_small_is_not()
    {
        Assert.Null(Check(new()).Repetition);
        Assert.Null(Check(new() { RepeatsBelow = 100 }).Repetition);
    }

    [Fact]
    public void It_gives_up_where_it_grows_too_large()
    {
        var outcome = Check(new() { RepeatsBelow = 10_000, MaxStates = Check(new()).Result.States + 1 });
        Assert.Equal("not repeated without reductions: too large", outcome.Repetition!.Words);
        Assert.True(outcome.Result.IsExhausted);
    }

    [Theory]
    [InlineData(PropertyVerdict.Broken, PropertyVerdict.Seen, "lost-wakeup")]
    [InlineData(PropertyVerdict.Holds, PropertyVerdict.NeverSeen, "late-apf")]
    public void A_reduction_that_hid_something_is_told(PropertyVerdict always, PropertyVerdict sometimes, string named)
    {
        var repetition = Repetition.Of(
            Result(PropertyVerdict.Holds, PropertyVerdict.Seen, null), Result(always, sometimes, null));
        Assert.Equal([named], repetition.Differing);
        Assert.False(repetition.IsSame);
        Assert.StartsWith("A REDUCTION IS WRONG: " + named, repetition.Words, StringComparison.Ordinal);
    }

    /// <summary>Whatever ended the search.</summary>
    [Fact]
    public void What_was_broken_before_a_bound_counts() => Assert.Equal(["lost-wakeup", "late-apf"],
        Repetition.Of(Result(PropertyVerdict.Holds, PropertyVerdict.Seen, null),
            Result(PropertyVerdict.Broken, PropertyVerdict.NotDecided, "a property is broken")).Differing);

    private static CheckOutcome Check(SearchOptions options) => Checker.Run(
        new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"), CheckInstance.Resolve("quick:vcpus=1"),
        options with { Liveness = true });

    private static SearchResult Result(PropertyVerdict always, PropertyVerdict sometimes, string? bound) => new()
    {
        Properties = [new(s_always, always, null), new(s_sometimes, sometimes, null)],
        States = 2,
        Transitions = 1,
        Depth = 1,
        Bound = bound,
        BytesPerState = 0,
        CollisionBound = 0,
    };
}
