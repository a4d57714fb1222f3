using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

public sealed class SingleBitTests
{
    private const ulong Plain = 1UL << 4;
    private const ulong WithToken = (1UL << 4) | (1UL << 5);
    private const uint Ready = 0xd6;
    private const uint EnableCap = 0xa3;
    private const uint FirstToken = 0x1000;

    private static FakeWorld World(params (string, string)[] options)
    {
        var world = new FakeWorld(BuiltIns.Family("single-bit").With(options));
        world.CreateVcpus();
        world.Arm(0, 128);
        world.Calls.Clear();
        world.Ioctls.Clear();
        return world;
    }

    private static FakeWorld AsPosted() => World(("variant", "as-posted"));

    [Fact]
    public void Present_frame_is_mapped_without_asking_anything()
    {
        FakeWorld world = World();
        world.Arrive(5);
        world.Calls.Clear();
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 5));
        Assert.Equal(["TryLoad"], world.Calls);
    }

    [Fact]
    public void Unreadable_bitmap_is_a_plain_error()
    {
        FakeWorld world = World();
        world.Unreadable.Add("userfault_bitmap");
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 5));
    }

    [Fact]
    public void Not_present_is_injected_before_the_exit_that_carries_the_token()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(WithToken, FirstToken), world.Fault(0, 5));
        Assert.True(world[0].Outstanding.Single().Injected);
        Assert.Equal(
            ["TryLoad", "Load", "CanDoApf", "FindApf", "CanDeliverApf", "Lock", "SetUpApf", "Store", "Unlock",
                "InjectNotPresent"],
            world.Calls);
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Repeated_fault_halts_without_an_exit_and_without_asking_for_deliverability()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world[0].CanDeliver = false;
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
        Assert.Single(world[0].Outstanding);
    }

    [Fact]
    public void What_cannot_be_delivered_is_a_plain_exit_not_a_halt()
    {
        FakeWorld world = World();
        world[0].CanDeliver = false;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.False(world[0].HaltRequested);
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Cannot_do_is_a_plain_exit_even_for_a_repeated_fault()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world[0].CanDo = false;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.False(world[0].HaltRequested);
    }

    [Fact]
    public void Prefetch_never_starts_an_apf_and_never_halts()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        world.Fault(0, 5);
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        Assert.False(world[0].HaltRequested);
        Assert.Single(world[0].Outstanding);
    }

    [Fact]
    public void Full_queue_is_a_plain_exit()
    {
        FakeWorld world = World();
        for (ulong gfn = 0; gfn < 4; gfn++)
        {
            world.Fault(0, gfn);
        }

        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 10));
        Assert.False(world.HoldsAnyLock);
    }

    [Fact]
    public void Second_vcpu_gets_its_own_token()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(FaultAnswer.Exit(WithToken, FirstToken | 1), world.Fault(1, 5));
    }

    [Fact]
    public void Without_apf_a_marked_frame_only_exits()
    {
        FakeWorld world = World(("apf", "off"));
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.Equal(["TryLoad"], world.Calls);
        Assert.Equal(Errno.Invalid, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x2000UL)]
    [InlineData(0x1001UL)]
    [InlineData(0xffff_ffffUL)]
    public void Ready_for_an_unknown_token_is_refused(ulong token)
    {
        foreach ((FakeWorld world, Errno refusal) in new[] { (World(), Errno.NoEntry), (AsPosted(), Errno.Invalid) })
        {
            world.Fault(0, 5);
            Assert.Equal(refusal, world.Ioctl(0, Ready, new IoctlArgument(token)));
            Assert.Empty(world[0].Done);
            Assert.False(world.HoldsAnyLock);
        }
    }

    [Fact]
    public void Ready_is_done_already_and_then_unknown()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        Assert.Equal(Errno.Already, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        world.Deliver(0);
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        Assert.Empty(world.Corruptions);
        Assert.Equal(0UL, world.Word("apf_state"));
    }

    [Fact]
    public void Other_ioctl_numbers_are_unknown()
    {
        Assert.Equal(Errno.Invalid, World().Ioctl(0, 0xd7, default));
    }

    [Fact]
    public void As_posted_bytes_after_the_token_are_not_part_of_the_structure()
    {
        FakeWorld world = AsPosted();
        world.Fault(0, 5);
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(FirstToken | (1UL << 40))));
    }

    [Fact]
    public void Flags_and_reserved_must_be_zero()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(Errno.Invalid, world.Ioctl(0, Ready, new IoctlArgument(FirstToken | (1UL << 40))));
        Assert.Equal(Errno.Invalid, world.Ioctl(0, Ready, new IoctlArgument(FirstToken, 1)));
        Assert.Equal(Errno.Invalid, world.Ioctl(0, Ready, new IoctlArgument(FirstToken, 0, 1)));
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
    }

    [Fact]
    public void No_apf_is_started_before_the_capability_is_enabled()
    {
        FakeWorld world = World();
        Assert.Equal(Errno.None, world.Ioctl(0, EnableCap, new IoctlArgument(0xffff, 0)));
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.Equal(FaultAnswer.Exit(WithToken, FirstToken | 1), world.Fault(1, 5));
        Assert.Equal(Errno.Invalid, AsPosted().Ioctl(0, EnableCap, new IoctlArgument(0xffff, 1)));
    }

    [Fact]
    public void Slot_used_again_does_not_remember_the_apf_before()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.Ioctl(0, Ready, new IoctlArgument(FirstToken));
        world.Deliver(0);
        world.Fault(0, 6);
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(2 * FirstToken)));
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Dropped_queue_makes_the_token_unknown_and_frees_the_words()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.ClearQueue(0);
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        Assert.Equal(0UL, world.Word("apf_state"));
    }

    [Fact]
    public void As_posted_completes_twice()
    {
        FakeWorld world = AsPosted();
        world.Fault(0, 5);
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        Assert.Contains("completion of an APF that is completed", world.Corruptions);
    }

    [Fact]
    public void As_posted_drops_the_lock_between_look_up_and_append()
    {
        FakeWorld world = AsPosted();
        world.Fault(0, 5);
        world.Corruptions.Clear();
        world.After("Unlock", () => world.ClearQueue(0));
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(FirstToken)));
        Assert.Equal(["completion of an APF that is gone"], world.Corruptions);
    }

    [Fact]
    public void As_posted_changes_the_queue_without_its_lock_and_prefaults_gpa_0()
    {
        FakeWorld world = AsPosted();
        world.Fault(0, 5);
        Assert.Equal(["set-up without the APF lock"], world.Corruptions);
        Assert.Equal(new Gfn(0), world[0].Outstanding.Single().Prefault);
        Assert.Equal(new Gfn(5), RepairedPrefault());

        static Gfn RepairedPrefault()
        {
            FakeWorld repaired = World();
            repaired.Fault(0, 5);
            return repaired[0].Outstanding.Single().Prefault;
        }
    }

    [Theory]
    [InlineData(Handling.HandOff, ExitAction.Reenter)]
    [InlineData(Handling.Resolve, ExitAction.ResolveFirst)]
    public void Every_token_waits_for_its_content_however_it_is_handled(Handling wanted, ExitAction expected)
    {
        FakeWorld world = World();
        Assert.Equal(expected, world.Exit(0, 5, world.Fault(0, 5), wanted));
        Assert.Equal([new Waiter(0, FirstToken)], world.WaitersOf(new Gfn(5)));
        world.Arrive(5);
        Assert.Single(world[0].Done);
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 5));
    }

    [Fact]
    public void Content_that_came_first_is_answered_at_the_exit()
    {
        FakeWorld world = World();
        FaultAnswer answer = world.Fault(0, 5);
        world.Place(5);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void Exit_without_a_token_is_resolved_first()
    {
        FakeWorld world = World();
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, FaultAnswer.Exit(Plain), Handling.HandOff));
        Assert.Empty(world.WaitersOf(new Gfn(5)));
    }

    [Fact]
    public void Bit_is_cleared_before_the_first_ready_and_neighbours_stay()
    {
        FakeWorld world = World();
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world.Exit(1, 5, world.Fault(1, 5), Handling.HandOff);
        world.Before("Ioctl", () => Assert.Equal(~(1UL << 5), world.Word("userfault_bitmap")));
        world.Arrive(5);
        Assert.Equal([0, 1], world.Ioctls.Select(ioctl => ioctl.Call.Vcpu));
        Assert.All(world.Ioctls, ioctl => Assert.Equal(0, ioctl.Result));
    }
}
