using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>CR0.PG changes under the guest's feet (rule A16): the bug that ab4e41eb9fab mended, in which tasks of a
/// guest waited for ever after an SMI.</summary>
public sealed class PagingTests
{
    private static readonly CheckInstance s_smallest = CheckInstance.Resolve("smi:vcpus=1");

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    public void A_queue_that_an_smi_clears_loses_a_wakeup(string spec)
    {
        var outcome = Run(spec, s_smallest with { Broken = RuleSet.Parse(nameof(Rules.A16KeepsQueue)) });
        var history = Assert.Single(outcome.Histories);
        Assert.Equal("lost-wakeup", history.Property);
        Assert.Contains(history.Steps, s => s.Events.Any(e => e.Contains("apf_dropped", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    public void A_queue_that_an_smi_leaves_alone_loses_none(string spec)
    {
        var outcome = Run(spec, s_smallest);
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Broken);
    }

    [Theory]
    [InlineData("6.12", true)]
    [InlineData("6.12.63", true)]
    [InlineData("6.12.64", false)]
    [InlineData("6.13", true)]
    [InlineData("6.18.2", true)]
    [InlineData("6.18.3", false)]
    [InlineData("6.19", false)]
    [InlineData("7.3", false)]
    public void The_kernel_decides_and_what_differs_is_said(string kernel, bool isBroken)
    {
        var outcome = Run("async-hint", s_smallest.On(KernelVersion.Parse(kernel)!.Value));
        Assert.Equal(isBroken, outcome.IsBroken);
        Assert.Equal(isBroken ? ["lost-wakeup holds on 7.3"] : [],
            outcome.KernelDifferences.Where(d => d.Contains("holds", StringComparison.Ordinal)));
        Assert.Equal(isBroken,
            outcome.KernelDifferences.Any(d => d.StartsWith($"{kernel} lacks A16", StringComparison.Ordinal)));
        Assert.All(outcome.Histories, history => Assert.Contains(KeyValuePair.Create("kernel", kernel),
            CheckInstance.Parse("file", outcome.Instance.Parameters).Parameters));
    }

    private static CheckOutcome Run(string spec, CheckInstance instance) => Checker.Run(
        new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), instance, new SearchOptions { Threads = 2 });
}
