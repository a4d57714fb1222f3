using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Comparisons;

public sealed class WorkloadSpecsTests
{
    [Theory]
    [InlineData("mixed", "mixed:predict=0.5")]
    [InlineData("mixed:sync=0.1", "mixed:sync=0.1,predict=0.5")]
    [InlineData("mixed:predict=1,fetch=exp(1us,cap=2us)", "mixed:predict=0.5,fetch=exp(1us,cap=2us)")]
    public void An_option_is_set_or_replaced(string spec, string expected)
    {
        Assert.Equal(expected, WorkloadSpecs.With(spec, "predict", "0.5"));
    }

    [Fact]
    public void A_policy_replaces_the_workloads_own()
    {
        var plan = WorkloadCatalog.BuiltIn.Plan("all-sync", new VmmPolicy(PolicyKind.ReenterThenResolve));

        Assert.Equal("reenter", plan.CommonPolicy.ToString());
        Assert.Equal("reenter", plan.AtPredict!(0).Config.Policy.ToString());
    }

    [Fact]
    public void Options_of_an_encoding_are_spelled_out()
    {
        var plan = EncodingSpecs.Plan(SmallPlan.Registry, "multi-bit:bits=4");

        Assert.Equal(["bits=4", "layout=packed", "update=atomic"], plan.Options.Select(o => $"{o.Key}={o.Value}"));
    }
}
