using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>Snapshot and restore with APFs outstanding: what holds, what does not, and that each rule of the restore is
/// needed.</summary>
public sealed class RestoreTests
{
    private const long MaxStates = 2_000_000;

    private static readonly Func<(string Encoding, CheckInstance Instance), CheckOutcome> s_outcomes = Once.For(
        ((string Encoding, CheckInstance Instance) asked) => Checker.Run(
            Make(asked.Encoding), asked.Instance,
                new() { Threads = 2, MaxStates = MaxStates, Liveness = true, StopAtFirst = false }));

    /// <summary>The smallest machine on which a task sleeps while another runs.</summary>
    private static CheckInstance Small(string name) =>
        CheckInstance.RestoreSuite.Single(i => i.Name == name) is { HasAreaInSlot: true } instance
        ? instance
        : CheckInstance.RestoreSuite.Single(i => i.Name == name) with { Gfns = 1 };

    [Theory]
    [InlineData("never-async")]
    [InlineData("single-bit")]
    [InlineData("multi-bit")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    [InlineData("kernel-apf")]
    [InlineData("oracle")]
    public void Wake_all_is_enough_where_the_area_is_there(string encoding)
    {
        foreach (var name in new[] { "restore", "restore-words", "restore-area-armed" })
        {
            Assert.Empty(Broken(Run(encoding, Small(name))));
        }
    }

    [Theory]
    [InlineData("restore")]
    [InlineData("restore-words")]
    [InlineData("restore-no-vector")]
    [InlineData("restore-refused")]
    [InlineData("restore-area-armed")]
    [InlineData("restore-area")]
    [InlineData("restore-area-uffd")]
    [InlineData("restore-area-gmem")]
    [InlineData("restore-area-gmem-mmap")]
    public void A_pass_is_not_vacuous(string name) =>
        Assert.Equal(PropertyVerdict.Seen,
            Run("single-bit", Small(name)).Result.Properties.Single(
            p => p.Property.Name == "restored-with-apfs").Verdict);

    [Fact]
    public void A_restore_that_does_not_write_the_msr_loses_wake_ups() =>
        Assert.Contains("lost-wakeup", Broken(Run("single-bit", Small("restore") with { Broken = Rules.R5WritesMsr })));

    [Fact]
    public void So_does_one_after_which_nobody_wakes_all() =>
        Assert.Contains("lost-wakeup", Broken(Run("single-bit", Small("restore") with { Broken = Rules.A12WakeAll })));

    [Fact]
    public void Without_apfs_nobody_needs_a_wake_all() =>
        Assert.Empty(Broken(Run("never-async", Small("restore") with { Broken = Rules.R5WritesMsr })));

    /// <summary>Rules R6 and R7: a vector that is not restored, and an MSR whose refusal is not noticed.</summary>
    [Theory]
    [InlineData("single-bit", "restore-no-vector", "lost-wakeup")]
    [InlineData("async-hint", "restore-no-vector", "lost-wakeup")]
    [InlineData("kernel-apf", "restore-no-vector", "lost-wakeup")]
    [InlineData("single-bit", "restore-refused", "lost-wakeup")]
    [InlineData("async-hint", "restore-refused", "lost-wakeup")]
    [InlineData("kernel-apf", "restore-refused", "lost-wakeup")]
    public void Msrs_that_are_not_restored_lose_wake_ups(string encoding, string name, string property) =>
        Assert.Contains(property, Broken(Run(encoding, Small(name))));

    /// <summary>Its second wake-all is done behind a token that is never acknowledged: HLT returns at once.</summary>
    [Fact]
    public void Without_its_vector_the_rfc_spins() =>
        Assert.Equal(["livelock"], Broken(Run("single-bit:variant=as-posted", Small("restore-no-vector"))));

    [Theory]
    [InlineData("restore-no-vector")]
    [InlineData("restore-refused")]
    public void Without_apfs_no_msr_is_missed(string name) => Assert.Empty(Broken(Run("never-async", Small(name))));

    [Theory]
    [InlineData("restore-area", "lost-wakeup")]
    [InlineData("restore-area-gmem-mmap", "lost-wakeup")]
    public void A_wake_all_that_meets_a_missing_area_is_lost(string name, string property) =>
        Assert.Equal([property], Broken(Run("single-bit", Small(name))));

    /// <summary>No not-present was ever injected there, so that nobody sleeps on a wake-all.</summary>
    [Fact]
    public void Where_kvm_cannot_reach_the_area_the_vcpu_only_halts() =>
        Assert.Empty(Broken(Run("single-bit", Small("restore-area-gmem"))));

    [Fact]
    public void Over_userfaultfd_kvm_waits_for_the_area() =>
        Assert.Empty(Broken(Run("single-bit", Small("restore-area-uffd"))));

    [Fact]
    public void Without_apfs_nobody_misses_the_area()
    {
        Assert.Empty(Broken(Run("never-async", Small("restore-area"))));
        Assert.Empty(Broken(Run("never-async", Small("restore-area-gmem"))));
    }

    [Fact]
    public void Parameters_say_which_restore()
    {
        foreach (var instance in CheckInstance.RestoreSuite)
        {
            var read = CheckInstance.Parse("file", instance.Parameters);
            Assert.Equal(instance.Parameters, read.Parameters);
            Assert.Equal(instance.Config with { Environment = read.Config.Environment }, read.Config);
        }
    }

    [Theory]
    [InlineData("restored-area", "nowhere")]
    [InlineData("restored-words", "some")]
    [InlineData("backing", "paper")]
    public void A_parameter_that_is_none_is_refused(string name, string value)
    {
        var parameters = CheckInstance.Restore.Parameters.Select(p => p.Key == name ? new(name, value) : p).ToArray();
        Assert.Contains(name, Assert.Throws<InputException>(() => CheckInstance.Parse("file", parameters)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_area_leaves_tasks_a_frame() =>
        Assert.Contains("gfns is 1",
            Assert.Throws<InputException>(() => CheckInstance.Named.Single(i => i.Name == "restore-area")
            .With((InstanceSize.OfName("test", "gfns"), "1"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Words_that_are_carried_do_not_fit_a_kvm_that_starts_over()
    {
        Assert.Empty(Broken(Run("exitless:ring=1", Small("restore"))));
        Assert.Contains("lost-wakeup", Broken(Run("exitless:ring=1", Small("restore-words"))));
    }

    private static CheckOutcome Run(string encoding, CheckInstance instance)
    {
        var outcome = s_outcomes((encoding, instance));
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
        return outcome;
    }

    private static string[] Broken(CheckOutcome outcome) =>
        [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken).Select(p => p.Property.Name)];

    private static Encoding Make(string text) => new EncodingRegistry(BuiltInEncodings.All).Resolve(text);
}
