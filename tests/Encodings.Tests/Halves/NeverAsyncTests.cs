using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

public sealed class NeverAsyncTests
{
    private static FakeWorld World() => new(BuiltIns.Family("never-async").With());

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    [InlineData(true, true, true)]
    public void Marked_frame_exits_whatever_could_be_injected(bool canDo, bool canDeliver, bool prefetch)
    {
        FakeWorld world = World();
        world.Arm(0, 64);
        world[0].CanDo = canDo;
        world[0].CanDeliver = canDeliver;
        Assert.Equal(FaultAnswer.Exit(1UL << 4), world.Fault(0, 3, prefetch: prefetch));
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Unreadable_bitmap_is_a_plain_error()
    {
        FakeWorld world = World();
        world.Unreadable.Add("userfault_bitmap");
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 3));
    }

    [Theory]
    [InlineData(Handling.HandOff)]
    [InlineData(Handling.Resolve)]
    public void Vmm_resolves_first_and_clears_one_bit(Handling wanted)
    {
        FakeWorld world = World();
        world.Arm(0, 128);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 3, world.Fault(0, 3), wanted));
        world.Arrive(3);
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 3));
        Assert.Equal(~(1UL << 3), world.Word("userfault_bitmap"));
        Assert.Equal(ulong.MaxValue, world.Word("userfault_bitmap", 1));
    }

    [Fact]
    public void Arming_leaves_the_frames_outside_alone()
    {
        FakeWorld world = World();
        world.Arm(60, 70);
        Assert.Equal(0xfUL << 60, world.Word("userfault_bitmap"));
        Assert.Equal(ulong.MaxValue, world.Word("userfault_bitmap", 1));
        Assert.Equal(0x3UL, world.Word("userfault_bitmap", 2));
    }

    [Fact]
    public void No_ioctl_is_known_and_run_enters()
    {
        FakeWorld world = World();
        Assert.Equal(Errno.Invalid, world.Ioctl(0, 0xd6, default));
        Assert.Equal(RunAnswer.Enter, world.Run(0));
    }
}
