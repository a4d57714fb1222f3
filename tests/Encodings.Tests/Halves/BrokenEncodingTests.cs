using UapiLab.Abstractions;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

/// <summary>The canaries are broken in the way they say, and the control is not.</summary>
public sealed class BrokenEncodingTests
{
    private static FakeWorld World(IEncodingFamily family)
    {
        var world = new FakeWorld(family.With());
        world.Arm(0, 128);
        return world;
    }

    private static FakeWorld HandedOff(IEncodingFamily family)
    {
        FakeWorld world = World(family);
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        return world;
    }

    [Fact]
    public void Control_is_right()
    {
        FakeWorld world = HandedOff(BrokenEncodings.Control);
        Assert.NotEqual(FaultVerdict.Map, world.Fault(1, 5).Verdict);
        world.Arrive(5);
        Assert.Single(world[0].Done);
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 5));
        Assert.Equal(Errno.Already, world.Ioctl(0, 0xd6, new IoctlArgument(0x1000)));
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Control_arms_exactly_the_range()
    {
        var world = new FakeWorld(BrokenEncodings.Control.With());
        world.Arm(60, 70);
        Assert.Equal(0xfUL << 60, world.Word("userfault_bitmap"));
        Assert.Equal(ulong.MaxValue, world.Word("userfault_bitmap", 1));
        Assert.Equal(0x3UL, world.Word("userfault_bitmap", 2));
    }

    [Fact]
    public void Never_ready_completes_nothing()
    {
        FakeWorld world = HandedOff(BrokenEncodings.NeverReady);
        world.Arrive(5);
        Assert.Empty(world[0].Done);
        Assert.Empty(world.WaitersOf(new Gfn(5)));
    }

    [Fact]
    public void Early_clear_maps_before_the_content_is_there()
    {
        Assert.Equal(FaultAnswer.Map, HandedOff(BrokenEncodings.EarlyClear).Fault(1, 5));
        FakeWorld world = HandedOff(BrokenEncodings.ClearAtFetch);
        world.StartFetch(5, Prediction.Async);
        Assert.Equal(FaultAnswer.Map, world.Fault(1, 5));
    }

    [Fact]
    public void Double_ready_corrupts_the_done_list()
    {
        FakeWorld world = HandedOff(BrokenEncodings.DoubleReady);
        world.Arrive(5);
        Assert.Contains("completion of an APF that is completed", world.Corruptions);
    }

    [Fact]
    public void If0_injects_where_it_may_not()
    {
        FakeWorld world = World(BrokenEncodings.IgnoresInterruptFlag);
        world[0].CanDo = false;
        world.Fault(0, 5);
        Assert.True(world[0].Outstanding.Single().Injected);
    }

    [Theory]
    [InlineData("field")]
    [InlineData("object")]
    public void Smuggler_can_be_made_so_that_a_loader_can_reject_it(string through)
    {
        Encoding encoding = BrokenEncodings.Smuggler.With(("through", through));
        Assert.NotNull(encoding.KvmHalf<FakeSide>());
        Assert.NotNull(encoding.VmmHalf<FakeSide>());
    }

    [Fact]
    public void Undeclared_errno_is_not_in_the_description()
    {
        static Errno EarlyReady(IEncodingFamily family) => World(family).Ioctl(0, 0xd6, new IoctlArgument(0x5000, 2));
        Errno[] declared =
            [.. BrokenEncodings.UndeclaredErrno.With().Description.Ioctls.Single().Errors.Select(error => error.Errno)];
        Assert.Contains(EarlyReady(BrokenEncodings.AtReentryControl), declared);
        Assert.DoesNotContain(EarlyReady(BrokenEncodings.UndeclaredErrno), declared);
    }

    [Fact]
    public void Ids_differ()
    {
        Assert.Distinct(BrokenEncodings.All.Select(family => family.Id));
    }
}
