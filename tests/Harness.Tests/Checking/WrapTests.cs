using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Tests.Machines.Broken;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>Counters that wrap: the indices of a ring on <c>wrap</c>, and KVM's tokens on
/// <c>token-counter</c>.</summary>
public sealed class WrapTests
{
    private static readonly CheckInstance s_fromZero =
        CheckInstance.Wrap with { Name = "from-zero", CountersWrap = false };

    [Fact]
    public void A_ring_that_compares_its_indices_by_order_is_found_where_they_wrap()
    {
        Assert.Empty(Broken(BrokenEncodings.RingInOrder.With(), s_fromZero));
        Assert.Equal(["lost-wakeup"], Broken(BrokenEncodings.RingInOrder.With(), CheckInstance.Wrap));
        Assert.Empty(Broken(BrokenEncodings.RingFreely.With(), CheckInstance.Wrap));
    }

    /// <summary>On all instances but this one the lab's own rings run to twice their size; this is the ring of the
    /// series.</summary>
    [Fact]
    public void The_rings_of_the_series_wrap()
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve("exitless");
        Assert.Equal(5, encoding.Regions.Count(r => r.RunsFreely));
        Assert.Empty(Broken(encoding, CheckInstance.Wrap));
        using var hand = HandMachine.Of(encoding, CheckInstance.Wrap.Config);
        Assert.All(hand.Machine.Regions.Where(r => r.Spec.RunsFreely), r => Assert.Equal(uint.MaxValue, r.Read(0)));
    }

    /// <summary>Rule A4: no token is 0, which is what a free word reads.</summary>
    [Fact]
    public void The_counter_of_tokens_wraps_to_one()
    {
        using var hand = HandMachine.Over(Backing.Userfaultfd, [HandMachine.Touch(0)]);
        hand.Machine.Vcpus[0].TokenCounter = (1 << 20) - 1;
        hand.Until(0, () => hand.Machine.Vcpus[0].PfPending);
        Assert.Equal(1U << 12, hand.Machine.Vcpus[0].PfToken);
    }

    [Fact]
    public void Parameters_say_so()
    {
        var read = CheckInstance.Parse("file", CheckInstance.Wrap.Parameters);
        Assert.Equal(CheckInstance.Wrap.Parameters, read.Parameters);
        Assert.True(read.CountersWrap);
    }

    private static string[] Broken(UapiLab.Abstractions.Encoding encoding, CheckInstance instance)
    {
        var outcome = Checker.Run(encoding, instance,
            new() { Threads = 2, MaxStates = 500_000, StopAtFirst = false });
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        return [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name)];
    }
}
