using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A page is armed again: the bit is set and the page discarded while the guest runs, or through a memslot
/// update.</summary>
public sealed class RearmTests
{
    private static readonly CheckInstance s_onePage = CheckInstance.Resolve("re-arm:vcpus=1,tasks=1");

    /// <summary>Proposal 0003 as first written: its READY gets ENOENT before re-entry, and only a memslot update ends
    /// an offer.</summary>
    [Theory]
    [InlineData(MemoryOrdering.Sc)]
    [InlineData(MemoryOrdering.Tso)]
    public void An_offer_that_outlives_a_ready_loses_a_wakeup_where_the_page_is_discarded(MemoryOrdering order)
    {
        var outcome = Run(BrokenEncodings.StaleOffer.With(), s_onePage with { Order = order });
        var history = Assert.Single(outcome.Histories);
        Assert.Equal("lost-wakeup", history.Property);
        Assert.Contains(history.Steps, s => s.Events.Any(e => e.Contains("page_discarded", StringComparison.Ordinal)));
    }

    /// <summary>A page that the guest uses goes before its READYs: the fetch table must not forget it.</summary>
    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [RepeatData("multi-bit")]
    [RepeatData("async-hint:inject=at-fault")]
    public void Who_goes_by_tokens_bears_an_early_re_arming(string spec)
    {
        var result = Checker.Run(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec),
            CheckInstance.Resolve("re-arm-early"), new() { Liveness = true }).Result;

        Assert.True(result.IsExhausted);
        Assert.DoesNotContain(result.Properties, p => p.Verdict == PropertyVerdict.Broken);
    }

    [Fact]
    public void The_same_offer_is_sound_where_a_memslot_update_parks_the_vcpus() =>
        AssertHolds(BrokenEncodings.StaleOffer.With(), s_onePage with { RearmBy = RearmWay.Memslot });

    [Theory]
    [InlineData(RearmWay.Discard, MemoryOrdering.Sc)]
    [InlineData(RearmWay.Discard, MemoryOrdering.Tso)]
    [InlineData(RearmWay.Memslot, MemoryOrdering.Sc)]
    public void An_offer_that_a_ready_voids_is_sound(RearmWay way, MemoryOrdering order) =>
        AssertHolds(BrokenEncodings.AtReentryControl.With(), s_onePage with { RearmBy = way, Order = order });

    /// <summary>What KVM has read before it took the snapshot is not covered by the look at the sequence.</summary>
    [Fact]
    public void A_snapshot_after_the_check_maps_a_page_that_is_gone() => AssertUnpopulated(s_onePage, Rules.F1Snapshot);

    [Fact]
    public void A_page_armed_under_an_exit_handler_is_read_unpopulated() =>
        AssertUnpopulated(CheckInstance.Resolve("re-arm:tasks=1"), Rules.V2Exclusion);

    private static void AssertUnpopulated(CheckInstance instance, Rule broken)
    {
        var kernelToo = instance with { Modes = [GuestStepFlags.None, GuestStepFlags.Kernel] };
        var outcome = Run(BrokenEncodings.Control.With(), kernelToo with { Broken = RuleSet.Parse(broken.Name) });
        Assert.Equal("unpopulated-read", Assert.Single(outcome.Histories).Property);
        AssertHolds(BrokenEncodings.Control.With(), kernelToo);
    }

    private static void AssertHolds(Encoding encoding, CheckInstance instance)
    {
        var outcome = Run(encoding, instance);
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Broken);
    }

    private static CheckOutcome Run(Encoding encoding, CheckInstance instance) =>
        Checker.Run(encoding, instance, new SearchOptions { MaxStates = 2_000_000, Threads = 2 });
}
