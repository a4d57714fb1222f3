using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A livelock is one of threads, not of names: renaming vCPUs makes none.</summary>
public sealed class LivelockTests
{
    /// <summary>Two vCPUs fault on one frame, one of them in kernel mode, where the VMM places the page on its
    /// thread.</summary>
    private static readonly CheckInstance s_two = new()
    {
        Name = "two",
        Gfns = 1,
        TasksPerVcpu = 1,
        Rearms = 0,
        Prefetcher = false,
        Environment = new(),
        Modes = [GuestStepFlags.None, GuestStepFlags.Kernel],
    };

    private static readonly Func<bool, CheckOutcome> s_ring = Once.For(
        (bool symmetric) => Check(BrokenEncodings.RingControl.With(), s_two with { Symmetric = symmetric }));

    /// <summary>While one vCPU thread is about to clear the frame's bit, the other goes round with the I/O thread.
    /// Renamed, each goes on now and then.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_thread_that_stands_still_is_not_hidden_by_another_name(bool symmetric)
    {
        var outcome = s_ring(symmetric);
        Assert.Equal(PropertyVerdict.Holds, Livelock(outcome).Verdict);
        Assert.True(outcome.Result.IsExhausted, outcome.Result.Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_is_there_is_found(bool symmetric)
    {
        var outcome = Check(BrokenEncodings.NeverClears.With(), s_two with { Symmetric = symmetric });
        Assert.Equal(PropertyVerdict.Broken, Livelock(outcome).Verdict);
        Assert.Equal("livelock", Assert.Single(outcome.Histories).Property);
    }

    /// <summary>Re-arming through a memslot update parks vCPUs, not I/O threads: one has the frame fetched for an old
    /// entry of the ring after it was discarded and before it is marked. It stays marked, and no exit comes in which
    /// the VMM would clear that. So it is marked first (rule V1). That it holds for two vCPUs is left to
    /// <see cref="Repeats"/>; what breaks is searched under its own names, as it would be in the end.</summary>
    [Theory]
    [InlineData("V1ArmFirst", PropertyVerdict.Broken)]
    [InlineData("", PropertyVerdict.Holds)]
    public void A_ring_livelocks_where_a_frame_is_placed_before_it_is_armed_again(
        string brokenRule, PropertyVerdict verdict)
    {
        var broken = RuleSet.Parse(brokenRule);
        var outcome = Check(BrokenEncodings.RingControl.With(),
            s_two with
            {
                Vcpus = Repeats.AreWanted || verdict == PropertyVerdict.Broken ? 2 : 1,
                Rearms = 1,
                RearmBy = RearmWay.Memslot,
                Symmetric = verdict != PropertyVerdict.Broken,
                Modes = [GuestStepFlags.None],
                Broken = broken,
            });
        Assert.Equal(verdict, Livelock(outcome).Verdict);
    }

    /// <summary>Under their own names there are nearly twice as many states.</summary>
    [Fact]
    public void One_that_cannot_be_confirmed_is_not_decided()
    {
        var renamed = s_ring(true).Result.States;
        var outcome = Check(BrokenEncodings.RingControl.With(), s_two, renamed + 1);
        Assert.Equal(PropertyVerdict.NotDecided, Livelock(outcome).Verdict);
        Assert.False(outcome.Result.IsExhausted);
        Assert.Empty(outcome.Histories);
    }

    private static CheckOutcome Check(Encoding encoding, CheckInstance instance, long most = long.MaxValue) =>
        Checker.Run(encoding, instance, new() { Threads = 2, Liveness = true, MaxStates = most });

    private static PropertyResult Livelock(CheckOutcome outcome) =>
        outcome.Result.Properties.Single(p => p.Property.Name == SeededDefects.Livelock);
}
