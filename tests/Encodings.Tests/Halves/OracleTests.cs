using UapiLab.Abstractions;
using UapiLab.Encodings.Oracle;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

public sealed class OracleTests
{
    private const ulong Plain = 1UL << 4;
    private const ulong Started = (1UL << 4) | (1UL << 5);
    private const long Far = OracleKvmHalf<FakeSide>.WorthwhileNs + 1;
    private const uint Ready = 0xdc;

    private static FakeWorld World(GroundTruth truth)
    {
        var world = new FakeWorld(BuiltIns.Family("oracle").With()) { Truth = truth };
        world.Arm(0, 64);
        return world;
    }

    private static FakeWorld Paying() => World(new GroundTruth(Disposition.Async, Far, 1));

    [Theory]
    [InlineData(Disposition.Async, Far, 1, true)]
    [InlineData(Disposition.InFlight, Far, 1, true)]
    [InlineData(Disposition.Async, Far - 1, 1, false)]
    [InlineData(Disposition.Async, Far, 0, false)]
    [InlineData(Disposition.Sync, Far, 1, false)]
    [InlineData(Disposition.Present, Far, 1, false)]
    [InlineData(Disposition.Intercepted, Far, 1, false)]
    public void Apf_is_started_only_where_it_pays(Disposition disposition, long remainingNs, int runnable, bool starts)
    {
        FakeWorld world = World(new GroundTruth(disposition, remainingNs, runnable));
        Assert.Equal(FaultAnswer.Exit(starts ? Started : Plain), world.Fault(0, 5));
        Assert.Equal(starts ? 1 : 0, world[0].Outstanding.Count());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void What_cannot_be_injected_is_a_plain_exit(bool canDo, bool canDeliver)
    {
        FakeWorld world = Paying();
        world[0].CanDo = canDo;
        world[0].CanDeliver = canDeliver;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.False(world[0].HaltRequested);
    }

    [Fact]
    public void Prefetch_is_a_plain_exit_and_a_repeated_fault_halts()
    {
        FakeWorld world = Paying();
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        world.Fault(0, 5);
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
    }

    [Fact]
    public void Present_frame_and_unreadable_bitmap()
    {
        FakeWorld world = Paying();
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 100));
        world.Unreadable.Add("userfault_bitmap");
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 5));
    }

    [Fact]
    public void Ready_rows()
    {
        FakeWorld world = Paying();
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(0x5000)));
        world.Fault(0, 5);
        Assert.Equal(Errno.Invalid, world.Ioctl(0, Ready, new IoctlArgument(0x5001)));
        Assert.Equal(Errno.NoEntry, world.Ioctl(1, Ready, new IoctlArgument(0x5000)));
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(0x5000)));
        Assert.Equal(Errno.Already, world.Ioctl(0, Ready, new IoctlArgument(0x5000)));
        world.Deliver(0);
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(0x5000)));
        Assert.Equal(Errno.Invalid, world.Ioctl(0, 0xd6, new IoctlArgument(0x5000)));
        Assert.Empty(world.Corruptions);
    }

    [Theory]
    [InlineData(Handling.HandOff, ExitAction.Reenter)]
    [InlineData(Handling.Resolve, ExitAction.ResolveFirst)]
    public void Started_apf_gets_its_ready(Handling wanted, ExitAction expected)
    {
        FakeWorld world = Paying();
        Assert.Equal(expected, world.Exit(0, 5, world.Fault(0, 5), wanted));
        world.Arrive(5);
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void Content_that_came_first_is_answered_at_the_exit()
    {
        FakeWorld world = Paying();
        FaultAnswer answer = world.Fault(0, 5);
        world.Place(5);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void Dropped_queue_frees_the_words()
    {
        FakeWorld world = Paying();
        world.Fault(0, 5);
        world.ClearQueue(0);
        Assert.Equal(0UL, world.Word("apf_state"));
    }
}
