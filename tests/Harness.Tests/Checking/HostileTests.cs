using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>What a KVM half that believes userspace comes to, and that those which do not come through.</summary>
public sealed class HostileTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Theory]
    [InlineData("ring-tail-is-an-index", "kvm-contract", "is outside region entries")]
    [InlineData("ring-tail-meets-head", "kvm-contract", "more than 96 accesses without a Checkpoint")]
    [InlineData("ring-has-room", "leaked-apf", "")]
    public void What_it_believes_is_used_against_it(string id, string property, string says)
    {
        var outcome = Check(BrokenEncodings.Trusting.Single(f => f.Id == id).With());
        var history = outcome.Histories.Single(h => h.Property == property);
        Assert.Contains(says, string.Join('\n', history.Steps.Select(s => s.Text)), StringComparison.Ordinal);
        // the tail
        Assert.Contains(history.Steps,
            s => s.Text.StartsWith("hostile userspace: store ring[1] :=", StringComparison.Ordinal));
    }

    /// <summary>READY of the RFC uses the cursor of its search where it found nothing: userspace that guesses 32 bits
    /// of an address has KVM write outside the list.</summary>
    [Fact]
    public void A_guessed_address_is_written_to()
    {
        var outcome = Check(s_registry.Resolve("single-bit:variant=as-posted-items"));
        var history = outcome.Histories.Single(h => h.Property == "kvm-contract");
        Assert.Contains("is outside region apf_items", history.Steps[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_control_passes() => AssertHolds(Check(BrokenEncodings.RingControl.With()));

    [Theory]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    [InlineData("kernel-apf")]
    [InlineData("exitless:ring=1", "hostile:tasks=1,hostile-acts=1")]
    public void The_built_in_ones_believe_nothing(string encoding, string instance = "hostile") =>
        AssertHolds(Checker.Run(s_registry.Resolve(encoding), CheckInstance.Resolve(instance),
            new() { MaxStates = 1_000_000, Threads = 2 }));

    private static CheckOutcome Check(Abstractions.Encoding encoding) =>
        Checker.Run(encoding, CheckInstance.Resolve(Repeats.AreWanted ? "hostile" : "hostile:tasks=1"),
            new() { MaxStates = 3_000_000, Threads = 2 });

    private static void AssertHolds(CheckOutcome outcome)
    {
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        Assert.All(["kvm-contract", "leaked-apf", "unmatched-ready", "illegal-injection"],
            name => Assert.Equal(PropertyVerdict.Holds,
                outcome.Result.Properties.Single(p => p.Property.Name == name).Verdict));
        Assert.False(outcome.IsBroken);
        Assert.Equal(PropertyVerdict.NotAsked,
            outcome.Result.Properties.Single(p => p.Property.Name == "lost-wakeup").Verdict);
    }
}
