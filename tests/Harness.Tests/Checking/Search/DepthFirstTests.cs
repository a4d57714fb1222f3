using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Models;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>Depth first sees the same states as breadth first, and its paths lead where they say.</summary>
public sealed class DepthFirstTests
{
    [Fact]
    public void Sees_what_breadth_first_sees()
    {
        var model = new MachineModel(new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"),
            CheckInstance.Quick with { Prefetcher = false, Environment = new(), CoalescesInvisible = false });
        var wide = BreadthFirst.Run(model, new() { StopAtFirst = false });
        var deep = DepthFirst.Run(model, new() { StopAtFirst = false, DepthFirst = 100_000 });
        Assert.True(deep.IsExhausted);
        Assert.Equal(wide.States, deep.States);
        Assert.Equal(wide.Transitions, deep.Transitions);
        Assert.Equal(wide.Properties.Where(p => p.Property.Kind != PropertyKind.Eventually).Select(p => p.Verdict),
            deep.Properties.Where(p => p.Property.Kind != PropertyKind.Eventually).Select(p => p.Verdict));
    }

    [Fact]
    public void Its_history_replays()
    {
        var registry = new EncodingRegistry(BuiltInEncodings.All);
        var encoding = registry.Resolve("single-bit:variant=as-posted");
        var outcome = Checker.Run(encoding, CheckInstance.Named.Single(i => i.Name == "careless"),
            new() { DepthFirst = 300 });
        var history = Assert.Single(outcome.Histories);
        Assert.Equal("unmatched-ready", history.Property);
        Assert.Equal(history.Steps.Count, Harness.Checking.Histories.Replay.Run("test", history, encoding).Steps.Count);
    }

    [Fact]
    public void A_path_that_is_too_long_leaves_it_undecided()
    {
        var model = new LostWakeupToy();
        var result = DepthFirst.Run(model, new() { DepthFirst = 5 });
        Assert.Equal("depth: 5", result.Bound);
        Assert.Contains(result.Properties, p => p.Verdict == PropertyVerdict.NotDecided);
    }
}
