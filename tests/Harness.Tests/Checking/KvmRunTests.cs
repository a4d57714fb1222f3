using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A plain -EFAULT (rule F6) beside what an earlier exit has left in kvm_run (rule F7).</summary>
public sealed class KvmRunTests
{
    private static readonly CheckInstance s_smallest = CheckInstance.Resolve("stale-run:tasks=1");

    public static TheoryData<string> Specs => new(
        "never-async", "single-bit", "multi-bit", "async-hint", "async-hint:inject=at-fault", "oracle");

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_vmm_that_believes_a_stale_memory_fault_resolves_it_for_ever(string spec) =>
        Assert.Equal("livelock",
            Assert.Single(Run(spec, s_smallest with { Broken = Rules.V5ReadsReason }).Histories).Property);

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_vmm_that_reads_exit_reason_stops(string spec)
    {
        var outcome = Run(spec, s_smallest);
        AssertHolds(outcome);
        Assert.Equal(PropertyVerdict.Seen,
            outcome.Result.Properties.Single(p => p.Property.Name == "vm-stopped").Verdict);
    }

    /// <summary>The fault at ready time has set exit_reason too, so that even this VMM is misled, once.</summary>
    [Fact]
    public void It_is_misled_once_by_what_a_ready_wrote()
    {
        var outcome = Run("single-bit", CheckInstance.Resolve("stale-run"));
        AssertHolds(outcome);
        Assert.Equal(PropertyVerdict.Seen,
            outcome.Result.Properties.Single(p => p.Property.Name == "stale-memory-fault").Verdict);
    }

    private static void AssertHolds(CheckOutcome outcome)
    {
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        Assert.DoesNotContain(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Broken);
    }

    private static CheckOutcome Run(string spec, CheckInstance instance) => Checker.Run(
        new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), instance,
        new SearchOptions { Threads = 2, MaxStates = 2_000_000, Liveness = true });
}
