using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>Private pages, their conversion (rules F8, F9, A18), and an APF area that KVM does not see (P5).</summary>
public sealed class PrivateFaultTests
{
    private static readonly CheckInstance s_smallest = CheckInstance.Resolve("private:vcpus=1");

    /// <summary>0091 stores fault->error_code whatever the fault is, and kvm_arch_async_page_ready() warns.</summary>
    [Theory]
    [InlineData("async-hint:inject=at-fault")]
    [InlineData("exitless:ring=1")]
    public void The_series_of_2026_warns_at_the_ready_of_a_private_fault(string spec)
    {
        var history = Assert.Single(Run(spec, s_smallest).Histories);
        Assert.Equal("kernel-warning", history.Property);
    }

    /// <summary>The RFC has kvm_arch_async_page_ready_user(); the others start no APF for a private fault.</summary>
    [Theory]
    [InlineData("never-async")]
    [InlineData("single-bit")]
    [InlineData("single-bit:variant=as-posted")]
    [InlineData("multi-bit")]
    [InlineData("async-hint")]
    [InlineData("oracle")]
    public void The_others_do_not_and_survive_conversions(string spec)
    {
        var outcome = Run(spec, s_smallest);
        AssertHolds(outcome);
        Assert.Equal(PropertyVerdict.Seen, Verdict(outcome, "page-converted"));
        Assert.Equal(spec is "never-async" or "oracle", Verdict(outcome, "apf-injected") != PropertyVerdict.Seen);
    }

    [Theory]
    [InlineData("never-async")]
    [InlineData("single-bit")]
    public void A_conversion_that_does_not_invalidate_leaves_a_mapping_of_the_other_kind(string spec) =>
        Assert.Equal("stale-kind",
            Assert.Single(Run(spec, CheckInstance.Resolve("private:tasks=1") with { Broken = Rules.F9Converts })
            .Histories).Property);

    [Theory]
    [InlineData("never-async")]
    [InlineData("single-bit")]
    public void One_that_does_leaves_none(string spec) =>
        AssertHolds(Run(spec, CheckInstance.Resolve("private:tasks=1")));

    /// <summary>userfaultfd watches what lies at userspace_addr, and a private page lies in the guest_memfd.</summary>
    [Theory]
    [InlineData("userfaultfd")]
    [InlineData("kernel-apf")]
    public void Userfaultfd_catches_no_private_fault(string spec) =>
        Assert.Equal("unpopulated-read", Assert.Single(Run(spec, s_smallest).Histories).Property);

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    public void A_guest_does_not_see_the_words_that_kvm_writes_beside_its_private_area(string spec) =>
        Assert.Equal("unseen-words", Assert.Single(Run(spec, CheckInstance.AreaBeside).Histories).Property);

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    public void It_sees_them_where_the_file_itself_is_mapped(string spec) =>
        AssertHolds(Run(spec, CheckInstance.AreaBeside with { Backing = Backing.GuestMemfdMapped }));

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
