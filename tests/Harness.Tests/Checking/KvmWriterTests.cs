using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>KVM fills a missing page before the VMM does (rule P4), whose copy then fails with EEXIST.</summary>
public sealed class KvmWriterTests
{
    private static readonly CheckInstance s_smallest = CheckInstance.Resolve("kvm-writes:vcpus=1,tasks=1");

    public static TheoryData<string> Specs => new(
        "never-async", "single-bit", "multi-bit", "async-hint", "async-hint:inject=at-fault", "exitless:ring=1",
        "oracle");

    /// <summary>The bit stays set, and the vCPU exits for ever; or a task waits for a ready that nobody
    /// sends.</summary>
    [Theory]
    [MemberData(nameof(Specs))]
    public void A_vmm_that_takes_eexist_for_a_failure_never_gets_further(string spec)
    {
        var outcome = Run(spec, s_smallest with { Broken = Rules.V3PublishesFound });
        Assert.Contains(outcome.Histories, h => h.Property is "livelock" or "lost-wakeup"
            && h.Steps.Any(s => s.Events.Any(e => e.Contains("copy_finds_page", StringComparison.Ordinal))));
    }

    [Fact]
    public void Where_no_apf_takes_the_vcpu_away_it_exits_for_ever() => Assert.Equal("livelock",
        Assert.Single(Run("never-async", s_smallest with { Broken = Rules.V3PublishesFound }).Histories).Property);

    /// <summary>To clear the bit is not enough.</summary>
    [Theory]
    [MemberData(nameof(Specs))]
    public void A_vmm_that_publishes_the_page_as_kvm_left_it_shows_the_guest_zeros(string spec) =>
        Assert.Equal("unpopulated-read",
            Assert.Single(Run(spec, s_smallest with { Broken = Rules.V4WritesOver }).Histories).Property);

    [Theory]
    [MemberData(nameof(Specs))]
    public void One_that_writes_over_it_and_publishes_it_is_sound(string spec)
    {
        var outcome = Run(spec, s_smallest);
        AssertHolds(outcome);
        Assert.Equal(PropertyVerdict.Seen, Verdict(outcome, "copy-finds-page"));
    }

    [Fact]
    public void So_it_is_with_two_vcpus() => AssertHolds(Run("single-bit", CheckInstance.Resolve("kvm-writes")));

    /// <summary>Over userfaultfd KVM sleeps like anybody; where nothing is mapped, its write fails.</summary>
    [Theory]
    [InlineData(nameof(Backing.Userfaultfd))]
    [InlineData(nameof(Backing.GuestMemfd))]
    public void The_copy_never_fails_where_kvm_cannot_fill_a_page(string backing)
    {
        var outcome = Run("single-bit", s_smallest with
        {
            Backing = Enum.Parse<Backing>(backing),
            Broken = (RuleSet)Rules.V3PublishesFound | Rules.V4WritesOver,
        });
        AssertHolds(outcome);
        Assert.Equal(PropertyVerdict.NeverSeen, Verdict(outcome, "copy-finds-page"));
    }

    private static PropertyVerdict Verdict(CheckOutcome outcome, string name) =>
        outcome.Result.Properties.Single(p => p.Property.Name == name).Verdict;

    private static void AssertHolds(CheckOutcome outcome)
    {
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Broken);
    }

    private static CheckOutcome Run(string spec, CheckInstance instance) => Checker.Run(
        new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), instance,
        new SearchOptions { Threads = 2, MaxStates = 2_000_000, Liveness = true });
}
