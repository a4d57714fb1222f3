using UapiLab.Encodings;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Lab.Concerns;

/// <summary>What a concern explores where a machine is too big.</summary>
public sealed class ExploreTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    /// <summary>A bench knows whether its encoding has many states once it was asked. These tests run one after the
    /// other.</summary>
    private static readonly Func<string, ConcernBench> s_benches = Once.For((string encoding) =>
        new ConcernBench(s_registry.Resolve(encoding), s_registry.Resolve("never-async"), [1], () => 1, () => null));

    [Fact]
    public void A_smaller_machine_decides_and_is_named()
    {
        var explored = Bench("single-bit").Explore(CheckInstance.Resolve("tasks"), mostStates: 20_000);
        Assert.False(explored.IsUndecided);
        Assert.Equal("tasks:vcpus=1", explored.Outcome.Instance.Name);
        Assert.Equal("tasks", explored.GivenUp!.Instance.Name);
        Assert.Equal(" (tasks:vcpus=1)", explored.Where);
        Assert.Contains("; nor on tasks, given up after ", ConcernWords.Checked(explored).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void If_none_is_exhausted_nothing_is_decided()
    {
        var explored = Bench("single-bit").Explore(CheckInstance.Resolve("tasks"), mostStates: 10);
        Assert.True(explored.IsUndecided);
        Assert.Equal(("tasks", ""), (explored.Outcome.Instance.Name, explored.Where));
        Assert.EndsWith("--instance tasks --max-states 10", ConcernWords.Checked(explored).Command,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_break_ends_it_before_any_smaller_machine()
    {
        var explored = Bench("single-bit:variant=as-posted")
            .Explore(CheckInstance.Resolve("careless:vcpus=1,tasks=1"), mostStates: 200_000);
        Assert.True(explored.IsBroken);
        Assert.Null(explored.GivenUp);
    }

    [Fact]
    public void First_fewer_actors_then_the_smallest_encoding_then_less_that_can_happen() => Assert.Equal(
        ["exitless on hostile:tasks=1", "exitless:ring=1 on hostile:tasks=1",
            "exitless:ring=1 on hostile:tasks=1,hostile-acts=1"],
        SmallerMachines.Of(s_registry.Resolve("exitless"), CheckInstance.Resolve("hostile"))
            .Select(s => $"{s.Encoding.Description.FullName} on {s.Instance.Name}"));

    private static ConcernBench Bench(string encoding) => s_benches(encoding);
}
