using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Search;
using UapiLab.TestKit.Models;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>What SPIN 6.5.2 says about the models in bench/spin is what this search says. SPIN's numbers were read off
/// its output: "states, stored" and "transitions", which count the initial state as a transition too.</summary>
public sealed class SpinModelTests
{
    private static readonly SearchOptions s_everything = new() { StopAtFirst = false, Reduce = false };

    /// <summary>The bit is the parity of both counts, so it adds no state to the (N + 1)² of the grid.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    [RepeatData(2000)] // 4,004,001, as SPIN
    public void Counters_are_a_square_grid(int limit)
    {
        var result = BreadthFirst.Run(new Counters(limit), s_everything);
        long side = limit + 1;
        Assert.Equal(side * side, result.States);
        Assert.Equal((2 * limit * side) + 1, result.Transitions);
        Assert.Equal((2 * limit) + 1, result.Depth);
        Assert.Equal(PropertyVerdict.Holds, result.Properties[0].Verdict);
        Assert.True(result.IsExhausted);
    }

    [Fact]
    public void Lost_wakeup_has_spins_counts()
    {
        var result = BreadthFirst.Run(new LostWakeupToy(), s_everything);
        Assert.Equal((377, 793), (result.States, result.Transitions));
    }

    /// <summary>With two vCPUs, which is quick; bench/spin/compare.sh compares the counts with three.</summary>
    [Fact]
    public void Userfault_has_spins_counts()
    {
        var result = BreadthFirst.Run(new UserfaultToy(vcpus: 2), s_everything);
        Assert.Equal((120_136, 399_396), (result.States, result.Transitions));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_lost_wakeup_is_found_in_no_more_steps_than_spins(bool reduce)
    {
        var result = BreadthFirst.Run(new LostWakeupToy(), new() { Reduce = reduce });
        var path = result.Properties[0].Path;
        Assert.Equal(PropertyVerdict.Broken, result.Properties[0].Verdict);
        Assert.InRange(path!.Actions.Count, 1, 23);

        var end = Replay.Follow(new LostWakeupToy(), path);
        Assert.Empty(end.States);
        Assert.Equal(1UL, end.Observed);
    }

    [Fact]
    public void Without_reduction_the_path_is_the_shortest()
    {
        var shortest = Replay.DepthOfFirst(new LostWakeupToy(), property: 1);
        Assert.Equal(shortest,
            BreadthFirst.Run(new LostWakeupToy(), new() { Reduce = false }).Properties[0].Path!.Actions.Count);
    }

    public static TheoryData<string> Reducible => new("userfault", "lost-wakeup");

    [Theory]
    [MemberData(nameof(Reducible))]
    public void Reduction_loses_no_verdict_and_looks_at_less(string name)
    {
        var whole = BreadthFirst.Run(Small(name), s_everything);
        var reduced = BreadthFirst.Run(Small(name), s_everything with { Reduce = true });
        Assert.Equal(whole.Properties.Select(p => p.Verdict), reduced.Properties.Select(p => p.Verdict));
        Assert.InRange(reduced.States, 1, whole.States - 1);
        Assert.InRange(reduced.Transitions, 1, whole.Transitions - 1);
    }

    public static TheoryData<string, bool> ModelsAndReduction => new()
    {
        { "counters", false }, { "userfault", false }, { "userfault", true }, { "lost-wakeup", false },
            { "lost-wakeup", true },
    };

    [Theory]
    [MemberData(nameof(ModelsAndReduction))]
    public void Threads_and_whole_states_do_not_change_the_result(string name, bool reduce)
    {
        var options = s_everything with { Reduce = reduce };
        var expected = Facts(BreadthFirst.Run(Small(name), options));
        foreach (var threads in new[] { 1, 2, 4 })
        {
            Assert.Equal(expected, Facts(BreadthFirst.Run(Small(name), options with { Threads = threads })));
            var exact = BreadthFirst.Run(Small(name), options with { Threads = threads, Exact = true });
            Assert.Equal(0, exact.CollisionBound);
            Assert.Equal(expected, Facts(exact));
        }
    }

    private static IModel Small(string name) => name switch
    {
        "counters" => new Counters(300),
        "userfault" => new UserfaultToy(vcpus: 2),
        _ => new LostWakeupToy(),
    };

    private static string Facts(SearchResult result) =>
        $"{result.States} {result.Transitions} {result.Depth} {result.Bound} "
        + string.Join("; ",
            result.Properties.Select(p => $"{p.Verdict} {p.Path?.Initial} {string.Join(',', p.Path?.Actions ?? [])}"));
}
