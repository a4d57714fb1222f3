using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Search;
using UapiLab.TestKit.Models;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>A search that did not see everything says so, and why.</summary>
public sealed class BoundTests
{
    private static readonly Counters s_model = new(1000);

    private static void AssertCut(SearchOptions options, string expectedBound)
    {
        var result = BreadthFirst.Run(s_model, options);
        Assert.StartsWith(expectedBound, result.Bound, StringComparison.Ordinal);
        Assert.False(result.IsExhausted);
        Assert.InRange(result.States, 1, (1001 * 1001) - 1);
        Assert.All(result.Properties, p => Assert.Equal(PropertyVerdict.NotDecided, p.Verdict));
    }

    [Fact]
    public void States_are_bounded() => AssertCut(new() { MaxStates = 5_000 }, "states: 5000");

    [Fact]
    public void Memory_is_bounded() => AssertCut(new() { MaxBytes = 4 << 20 }, "memory: 4 MiB");

    [Fact]
    public void All_memory_of_the_process_counts_and_what_the_end_of_the_search_needs()
    {
        Assert.Equal("memory: 1 MiB", new MemoryBound(1 << 20).Hit(held: 0, later: 0));
        Assert.Equal("memory: 1048576 MiB", new MemoryBound(1L << 40).Hit(held: 1, later: 1L << 40));
        Assert.Null(new MemoryBound(1L << 40).Hit(held: 1, later: 1));
    }

    /// <summary>What a search only adds to goes into files from half of its memory on; it finds the same.</summary>
    [Fact]
    public void Short_memory_is_spared_and_changes_nothing()
    {
        var inMemory = BreadthFirst.Run(s_model, new() { Liveness = true });
        var inFiles = BreadthFirst.Run(s_model, new() { Liveness = true, FilesFrom = 8 << 20 });
        Assert.Equal(0, inMemory.BytesInFiles);
        Assert.InRange(inFiles.BytesInFiles, 16 << 20, 256 << 20);
        Assert.Equal(inMemory with { Properties = [], BytesInFiles = inFiles.BytesInFiles },
            inFiles with { Properties = [] });
        Assert.Equal(inMemory.Properties, inFiles.Properties);
    }

    [Fact]
    public void It_stops_when_told()
    {
        var asked = 0;
        AssertCut(new() { Stop = () => ++asked == 7 ? "enough" : null }, "enough");
        Assert.Equal(7, asked);
    }

    [Fact]
    public void A_bound_that_is_not_reached_cuts_nothing()
    {
        var result = BreadthFirst.Run(s_model, new() { MaxStates = (1001 * 1001) + 1, MaxBytes = 1L << 40 });
        Assert.Null(result.Bound);
        Assert.Equal(1001 * 1001, result.States);
        Assert.Equal(PropertyVerdict.Holds, result.Properties[0].Verdict);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 60)]
    public void The_first_broken_property_ends_the_search_if_asked(bool stopAtFirst, int states)
    {
        // A line of 60 states; the first step breaks the property.
        var edges = Enumerable.Range(0, 59)
            .Select(i => new LabelledGraph.Edge((byte)i, (byte)(i + 1), 0, Shows: i == 0)).ToArray();
        var result = BreadthFirst.Run(new LabelledGraph(PropertyKind.Always, edges),
            new() { StopAtFirst = stopAtFirst });
        Assert.Equal(PropertyVerdict.Broken, result.Properties[0].Verdict);
        Assert.Equal([0], result.Properties[0].Path!.Actions);
        Assert.Equal(states, result.States);
        Assert.Equal(!stopAtFirst, result.IsExhausted);
    }

    [Fact]
    public void An_ignored_property_does_not_end_the_search()
    {
        var edges = Enumerable.Range(0, 9).Select(i => new LabelledGraph.Edge((byte)i, (byte)(i + 1), 0, Shows: true))
            .ToArray();
        var result = BreadthFirst.Run(new LabelledGraph(PropertyKind.Always, edges), new() { Ignored = 1 });
        Assert.Equal(PropertyVerdict.Broken, result.Properties[0].Verdict);
        Assert.Equal(10, result.States);
    }
}
