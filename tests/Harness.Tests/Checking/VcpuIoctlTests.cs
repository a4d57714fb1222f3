using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>What a VMM may do to a VM with APFs outstanding by ioctls of KVM's own: drop a not-present that is pending
/// (rule A17), have a page faulted in (F10), update a memslot (M7).</summary>
public sealed class VcpuIoctlTests
{
    private static readonly string[] s_withApfs =
        ["single-bit", "multi-bit", "async-hint", "async-hint:inject=at-fault"];

    public static TheoryData<string, string> Trials => new(
        from encoding in s_withApfs
        from instance in new[] { "set-events", "pre-fault:tasks=2", "re-arm-memslot:vcpus=1,tasks=1" }
        select (encoding, instance));

    [Theory]
    [MemberData(nameof(Trials))]
    public void They_do_no_harm(string encoding, string instance) =>
        Assert.Empty(Broken(encoding, CheckInstance.Resolve(instance)));

    [Theory]
    [InlineData("set-events", "event-dropped")]
    [InlineData("set-events", "repeated-fault")]
    [InlineData("set-events", "early-wake")]
    [InlineData("pre-fault:tasks=2", "pre-faulted")]
    [InlineData("pre-fault:tasks=2", "pre-fault-refused")]
    public void And_they_happen(string instance, string property) => Assert.Equal(PropertyVerdict.Seen,
        Run("single-bit", CheckInstance.Resolve(instance)).Result.Properties
            .Single(p => p.Property.Name == property).Verdict);

    [Theory]
    [InlineData("single-bit", "lost-wakeup")]
    [InlineData("async-hint", "unmatched-ready")]
    [InlineData("kernel-apf", "lost-wakeup")]
    public void An_apf_that_goes_with_its_event_and_stays_in_the_hash_is_found(string encoding, string property) =>
        Assert.Equal([property], Broken(encoding, CheckInstance.SetEvents with { Broken = Rules.A17KeepsApf }));

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint:inject=at-fault")]
    public void A_pre_fault_that_starts_an_apf_is_found(string encoding) => Assert.Contains("illegal-injection",
        Broken(encoding, CheckInstance.Resolve("pre-fault:tasks=2") with { Broken = Rules.F10Prefault }));

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    public void A_memslot_update_that_drops_apfs_is_found(string encoding) => Assert.Contains("lost-wakeup",
        Broken(encoding, CheckInstance.Resolve("re-arm-memslot:vcpus=1") with { Broken = Rules.M7KeepsQueue }));

    [Fact]
    public void Parameters_say_what_the_vmm_does()
    {
        foreach (var instance in new[] { CheckInstance.SetEvents, CheckInstance.Prefault })
        {
            var read = CheckInstance.Parse("file", instance.Parameters);
            Assert.Equal(instance.Parameters, read.Parameters);
            Assert.Equal(instance.Environment, read.Environment);
        }
    }

    private static string[] Broken(string encoding, CheckInstance instance)
    {
        var outcome = Run(encoding, instance);
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        return [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name)];
    }

    private static CheckOutcome Run(string encoding, CheckInstance instance) =>
        Checker.Run(new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding), instance,
            new() { Threads = 2, MaxStates = 500_000, StopAtFirst = false });
}
