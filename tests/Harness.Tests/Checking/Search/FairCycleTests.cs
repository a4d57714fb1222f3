using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Search;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>An eventually-property is broken by a cycle only if every process that could always step does.</summary>
public sealed class FairCycleTests
{
    private static PropertyResult Search(params LabelledGraph.Edge[] edges) => SearchNamed([], edges);

    private static PropertyResult SearchNamed(ulong[] interchangeable, params LabelledGraph.Edge[] edges)
    {
        var result = BreadthFirst.Run(
            new LabelledGraph(PropertyKind.Eventually, edges) { Interchangeable = interchangeable },
            new() { Liveness = true });
        Assert.Null(result.Bound);
        return result.Properties[0];
    }

    [Fact]
    public void A_cycle_of_the_only_process_is_fair()
    {
        var answer = Search(new(0, 1, 0), new(1, 2, 0), new(2, 1, 0));
        Assert.Equal(PropertyVerdict.Broken, answer.Verdict);
        Assert.Equal(2, answer.Path!.CycleLength);
        Assert.Equal(3, answer.Path.Actions.Count);
    }

    [Fact]
    public void A_cycle_that_starves_a_process_is_not_fair() =>
        Assert.Equal(PropertyVerdict.Holds,
            Search(new(0, 1, 0), new(1, 0, 0), new(0, 2, 1, Shows: true), new(1, 2, 1, Shows: true)).Verdict);

    /// <summary>Where the two may have each other's names, the one that steps may be both in turn.</summary>
    [Theory]
    [InlineData(0b11, PropertyVerdict.Broken)]
    [InlineData(0b101, PropertyVerdict.Holds)]
    public void A_cycle_that_starves_a_name_may_be_fair(ulong interchangeable, PropertyVerdict verdict) =>
        Assert.Equal(verdict,
            SearchNamed([interchangeable], new(0, 1, 0), new(1, 0, 0), new(0, 2, 1, Shows: true),
                new(1, 2, 1, Shows: true)).Verdict);

    [Fact]
    public void A_cycle_that_starves_all_who_share_names_is_not_fair() =>
        Assert.Equal(PropertyVerdict.Holds,
            SearchNamed([0b110], new(0, 1, 0), new(1, 0, 0), new(0, 2, 1, Shows: true), new(0, 2, 2, Shows: true),
                new(1, 2, 1, Shows: true), new(1, 2, 2, Shows: true)).Verdict);

    [Fact]
    public void A_process_that_cannot_step_all_the_time_may_be_overtaken() =>
        Assert.Equal(PropertyVerdict.Broken, Search(new(0, 1, 0), new(1, 0, 0), new(0, 2, 1, Shows: true)).Verdict);

    [Fact]
    public void A_cycle_that_shows_the_property_breaks_nothing() =>
        Assert.Equal(PropertyVerdict.Holds, Search(new(0, 1, 0), new(1, 0, 0, Shows: true)).Verdict);

    /// <summary>Every state was looked at by then: it is asked once for each level before.</summary>
    [Fact]
    public void Who_is_interrupted_among_cycles_has_decided_nothing_about_them()
    {
        var asked = 0;
        var result = BreadthFirst.Run(
            new LabelledGraph(PropertyKind.Eventually, new(0, 1, 0), new(1, 2, 0), new(2, 1, 0)),
            new() { Liveness = true, Stop = () => ++asked > 3 ? "interrupted" : null });
        Assert.Equal(3, result.States);
        Assert.Equal("interrupted", result.Bound);
        Assert.Equal(PropertyVerdict.NotDecided, result.Properties[0].Verdict);
    }

    [Fact]
    public void Without_liveness_nothing_is_said()
    {
        var result = BreadthFirst.Run(new LabelledGraph(PropertyKind.Eventually, new LabelledGraph.Edge(0, 0, 0)),
            new());
        Assert.Equal(PropertyVerdict.NotDecided, result.Properties[0].Verdict);
    }
}
