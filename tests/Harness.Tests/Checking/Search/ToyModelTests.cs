using UapiLab.Bench.Models;
using UapiLab.Harness.Checking;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>The search on models that have nothing to do with page faults, held to SPIN's results (bench/spin).</summary>
public sealed class ToyModelTests
{
    [Fact]
    public void CountersHasAsManyStatesAsItMust() => Assert.Equal(4_004_001, BreadthFirst.Run(new Counters(2_000), new() { Threads = 2 }).States);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void LostWakeupIsFoundByAShortPathOnAnyNumberOfThreads(int threads)
    {
        var result = BreadthFirst.Run(new LostWakeupToy(), new() { Threads = threads }).Properties[0];
        Assert.Equal(PropertyVerdict.Broken, result.Verdict);
        Assert.InRange(result.Path!.Actions.Count, 1, 23);
        Assert.Equal(BreadthFirst.Run(new LostWakeupToy(), new() { Exact = true }).Properties[0].Path!.Actions, result.Path.Actions);
    }

    [Fact]
    public void ReductionKeepsVerdictsAndSavesStates()
    {
        var all = BreadthFirst.Run(new LostWakeupToy(), new() { Reduce = false, StopAtFirst = false });
        var reduced = BreadthFirst.Run(new LostWakeupToy(), new() { StopAtFirst = false });
        Assert.Equal(all.Properties[0].Verdict, reduced.Properties[0].Verdict);
        Assert.True(all.IsExhausted && reduced.IsExhausted);
        Assert.True(reduced.States <= all.States);
    }

    [Theory]
    [InlineData(true, PropertyVerdict.Broken)]
    [InlineData(false, PropertyVerdict.Holds)]
    public void OnlyAFairCycleBreaksAnEventuallyProperty(bool othersCanStop, PropertyVerdict expected)
    {
        var result = BreadthFirst.Run(new Spinner(othersCanStop), new() { Liveness = true });
        Assert.Equal(expected, result.Properties[0].Verdict);
        Assert.Equal(expected == PropertyVerdict.Broken, result.Properties[0].Path?.CycleLength > 0);
    }

    /// <summary>Process 0 goes round for ever; process 1 can reach the goal at any time, unless it has gone home.</summary>
    private sealed class Spinner(bool othersCanStop) : ToyModel
    {
        public override string Name => "spinner";

        public override IReadOnlyList<PropertySpec> Properties { get; } = [new("goal", PropertyKind.Eventually, "The goal is reached.")];

        protected override int Size => 2;

        protected override void Expand(ReadOnlySpan<byte> state, Steps steps)
        {
            if (state[1] != 2)
            {
                steps.Next()[0] ^= 1;
                steps.Add(0);
            }

            if (state[1] == 0)
            {
                steps.Next()[1] = 2;
                steps.Add(1);
                if (othersCanStop)
                {
                    steps.Next()[1] = 1;
                    steps.Add(1);
                }
            }
        }
    }
}
