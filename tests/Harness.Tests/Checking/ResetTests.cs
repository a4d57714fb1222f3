using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A vCPU is reset with APFs outstanding (rules Z1 to Z5): by an INIT, or by userspace.</summary>
public sealed class ResetTests
{
    private static readonly Func<(string Encoding, CheckInstance Instance), CheckOutcome> s_outcomes = Once.For(
        ((string Encoding, CheckInstance Instance) asked) => Run(
            new EncodingRegistry(BuiltInEncodings.All).Resolve(asked.Encoding), asked.Instance));

    [Theory]
    [InlineData("never-async")]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    [InlineData("kernel-apf")]
    public void Nothing_of_the_old_life_reaches_the_new_one(string encoding) =>
        Assert.Empty(Broken(encoding, CheckInstance.Reset));

    /// <summary>Else states that differ in what may still happen would be one.</summary>
    [Fact]
    public void Resets_do_not_share_their_bit_with_writes_of_kvm()
    {
        var both = CheckInstance.Reset with { Environment = CheckInstance.Reset.Environment with { KvmWrites = 1 } };
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve("never-async");
        Assert.Throws<NotSupportedException>(() => Run(encoding, both));
    }

    [Fact]
    public void A_pass_is_not_vacuous()
    {
        foreach (var name in new[] { "reset", "reset-refused", "reboot" })
        {
            Assert.Equal(PropertyVerdict.Seen, s_outcomes(("single-bit", CheckInstance.Resolve(name))).Result.Properties
                .Single(p => p.Property.Name == "reset-with-apfs").Verdict);
        }
    }

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    public void A_reset_that_leaves_the_queue_makes_the_new_guest_halt_for_ever(string encoding) =>
        Assert.Contains("lost-wakeup", Broken(encoding, CheckInstance.Reset with { Broken = Rules.Z1ClearsQueue }));

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("kernel-apf")]
    public void So_does_one_that_leaves_the_hash(string encoding) =>
        Assert.Contains("lost-wakeup", Broken(encoding, CheckInstance.Reset with { Broken = Rules.Z2ResetsHash }));

    [Fact]
    public void An_offer_that_outlives_the_reset_is_found()
    {
        Assert.Equal(["old-fault"], Broken(Run(BrokenEncodings.OfferOutlivesReset.With(), CheckInstance.Reset)));
        Assert.Empty(Broken(Run(BrokenEncodings.AtReentryControl.With(), CheckInstance.Reset)));
    }

    /// <summary>The series looks an APF up and completes it under two holds of the lock.</summary>
    [Fact]
    public void A_ready_of_the_series_completes_an_apf_that_a_reset_has_freed() =>
        Assert.Equal(["unmatched-ready"], Broken("single-bit:variant=as-posted", CheckInstance.Reset));

    [Theory]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("async-hint:inject=at-fault")]
    public void A_halt_that_is_asked_for_before_the_exit_outlives_the_reset(string encoding)
    {
        Assert.Equal(["lost-wakeup"], Broken(encoding, CheckInstance.Resolve("reset-refused")));
        Assert.Empty(Broken(encoding, CheckInstance.Resolve("reset-refused") with { Broken = Rules.Z4KeepsRequests }));
    }

    [Fact]
    public void One_that_is_asked_for_in_kvm_run_does_not() =>
        Assert.Empty(Broken("async-hint", CheckInstance.Resolve("reset-refused")));

    [Theory]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    [InlineData("kernel-apf")]
    public void A_reset_by_userspace_leaves_the_vcpu_halted(string encoding)
    {
        Assert.Equal(["lost-wakeup"], Broken(encoding, CheckInstance.Resolve("reboot")));
        Assert.Empty(Broken(encoding, CheckInstance.Resolve("reboot") with { Broken = Rules.Z5KeepsHalt }));
    }

    [Fact]
    public void Parameters_say_what_happens_to_the_vcpu()
    {
        foreach (var instance in CheckInstance.ResetSuite)
        {
            var read = CheckInstance.Parse("file", instance.Parameters);
            Assert.Equal(instance.Parameters, read.Parameters);
            Assert.Equal(instance.Environment, read.Environment);
        }
    }

    private static string[] Broken(string encoding, CheckInstance instance) => Broken(s_outcomes((encoding, instance)));

    private static string[] Broken(CheckOutcome outcome)
    {
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        return [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name)];
    }

    private static CheckOutcome Run(Encoding encoding, CheckInstance instance) =>
        Checker.Run(encoding, instance, new() { Threads = 2, MaxStates = 500_000, StopAtFirst = false });
}
