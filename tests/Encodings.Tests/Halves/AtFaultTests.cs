using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

/// <summary>async-hint:inject=at-fault, row by row of its state table and of what the series was seen to
/// return.</summary>
public sealed class AtFaultTests
{
    private const ulong Plain = 1UL << 4;
    private const ulong Started = (1UL << 4) | (1UL << 5);
    private const ulong Gpa = 0x5000;
    private const uint EnableCap = 0xa3;
    private const uint AsyncPf = 0xd6;
    private const ulong Accept = 1;
    private const ulong Ready = 2;
    private const ulong Pending = 1;
    private const ulong Accepted = 2;
    private const ulong Completed = 3;

    private static FakeWorld World(bool enabled = true)
    {
        var world = new FakeWorld(BuiltIns.Family("async-hint").With(("inject", "at-fault")));
        if (enabled)
        {
            world.CreateVcpus();
        }

        world.Arm(0, 128);
        world.Calls.Clear();
        world.Ioctls.Clear();
        return world;
    }

    private static Errno Op(FakeWorld world, ulong op, ulong gpa = Gpa, int vcpu = 0) =>
        world.Ioctl(vcpu, AsyncPf, new IoctlArgument(gpa, op));

    [Fact]
    public void Vmm_enables_the_capability_on_each_vcpu()
    {
        var world = new FakeWorld(BuiltIns.Family("async-hint").With(("inject", "at-fault")));
        Assert.Equal(0UL, world.Word("apf_enabled"));
        world.CreateVcpus();
        Assert.Equal(1UL, world.Word("apf_enabled", 0));
        Assert.Equal(1UL, world.Word("apf_enabled", 1));
    }

    [Fact]
    public void Off_by_default()
    {
        FakeWorld world = World(enabled: false);
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.Equal(Errno.NoEntry, Op(world, Accept));
        Assert.Equal(Errno.NoEntry, Op(world, Ready));
    }

    [Theory]
    [InlineData(246UL, 2UL, 0UL, 0UL)]
    [InlineData(246UL, 1UL, 1UL, 0UL)]
    [InlineData(246UL, 1UL, 0UL, 1UL)]
    [InlineData(246UL | (1UL << 32), 1UL, 0UL, 0UL)]
    [InlineData(245UL, 1UL, 0UL, 0UL)]
    [InlineData(247UL, 1UL, 0UL, 0UL)]
    [InlineData(0UL, 0UL, 0UL, 0UL)]
    public void Enable_cap_rejects(ulong capAndFlags, ulong argument0, ulong argument1, ulong argument2)
    {
        FakeWorld world = World(enabled: false);
        Assert.Equal(Errno.Invalid,
            world.Ioctl(0, EnableCap, new IoctlArgument(capAndFlags, argument0, argument1, argument2)));
        Assert.Equal(0UL, world.Word("apf_enabled"));
    }

    [Fact]
    public void Switching_off_lets_accepted_faults_complete_and_new_ones_exit_plainly()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Op(world, Accept);
        Assert.Equal(Errno.None, world.Ioctl(0, EnableCap, new IoctlArgument(246, 0)));
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 6));
        Assert.Equal(Errno.None, Op(world, Ready));
    }

    [Fact]
    public void Fault_is_injected_before_the_exit_and_left_pending()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
        Assert.True(world[0].Outstanding.Single().Injected);
        Assert.Equal(Pending, world.Word("apf_state"));
        Assert.DoesNotContain("CanDeliverApf", world.Calls);
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void What_cannot_be_delivered_halts_in_kvm()
    {
        FakeWorld world = World();
        world[0].CanDeliver = false;
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
    }

    [Fact]
    public void Cannot_do_prefetch_and_full_queue_exit_plainly()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        world[0].CanDo = false;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        world[0].CanDo = true;
        for (ulong gfn = 0; gfn < 4; gfn++)
        {
            world.Fault(0, gfn);
        }

        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 9));
        Assert.False(world.HoldsAnyLock);
    }

    [Fact]
    public void Present_frame_and_unreadable_bitmap()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 200));
        world.Unreadable.Add("userfault_bitmap");
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 5));
    }

    [Fact]
    public void Repeated_fault_halts_and_a_second_vcpu_gets_its_own()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Op(world, Accept);
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(1, 5));
        Assert.False(world[1].HaltRequested);
    }

    [Fact]
    public void Re_entry_completes_what_was_not_accepted()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Equal(Completed, world.Word("apf_state"));
        Assert.Single(world[0].Done);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Single(world[0].Done);
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Re_entry_finds_the_pending_one_behind_others_and_in_a_slot_used_before()
    {
        FakeWorld world = World();
        foreach (ulong gfn in new[] { 5UL, 6UL })
        {
            world.Fault(0, gfn);
            Op(world, Accept, gpa: gfn * 4096);
        }

        Op(world, Ready);
        world.Deliver(0);
        world.Fault(0, 7);
        world.Run(0);
        Assert.Equal(new Gfn(7), world[0].Done.Single().Ref.Gfn);
        Assert.Equal(Accepted, world.Word("apf_state", 1));
    }

    [Fact]
    public void Immediate_exit_completes_nothing()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.Run(0, immediateExit: true);
        Assert.Equal(Pending, world.Word("apf_state"));
        Assert.Empty(world[0].Done);
    }

    [Fact]
    public void Re_entry_leaves_accepted_faults_and_other_vcpus_alone()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Op(world, Accept);
        world.Fault(1, 6);
        world.Run(0);
        Assert.Empty(world[0].Done);
        Assert.Empty(world[1].Done);
        Assert.Equal(Accepted, world.Word("apf_state"));
    }

    [Fact]
    public void Accept_rows()
    {
        FakeWorld world = World();
        Assert.Equal(Errno.NoEntry, Op(world, Accept));
        world.Fault(0, 5);
        Assert.Equal(Errno.NoEntry, Op(world, Accept, vcpu: 1));
        Assert.Equal(Errno.None, Op(world, Accept));
        Assert.Equal(Errno.None, Op(world, Accept));
        Assert.Equal(Accepted, world.Word("apf_state"));
        Op(world, Ready);
        Assert.Equal(Errno.None, Op(world, Accept));
        Assert.Equal(Completed, world.Word("apf_state"));
        world.Deliver(0);
        Assert.Equal(Errno.NoEntry, Op(world, Accept));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ready_rows(bool acceptedFirst)
    {
        FakeWorld world = World();
        Assert.Equal(Errno.NoEntry, Op(world, Ready));
        world.Fault(0, 5);
        if (acceptedFirst)
        {
            Op(world, Accept);
        }

        Assert.Equal(Errno.NoEntry, Op(world, Ready, gpa: 0x6000));
        Assert.Equal(Errno.None, Op(world, Ready));
        Assert.Equal(Errno.Already, Op(world, Ready));
        world.Deliver(0);
        Assert.Equal(Errno.NoEntry, Op(world, Ready));
        Assert.Empty(world.Corruptions);
    }

    [Theory]
    [InlineData(Gpa, 0UL, 0UL, 0UL)]
    [InlineData(Gpa, 3UL, 0UL, 0UL)]
    [InlineData(Gpa, 0xffff_ffffUL, 0UL, 0UL)]
    [InlineData(Gpa, 2UL | (1UL << 32), 0UL, 0UL)]
    [InlineData(Gpa, 1UL | (1UL << 63), 0UL, 0UL)]
    [InlineData(Gpa, 2UL, 1UL, 0UL)]
    [InlineData(Gpa, 2UL, 0UL, 1UL)]
    [InlineData(Gpa + 1, 2UL, 0UL, 0UL)]
    [InlineData(Gpa + 8, 1UL, 0UL, 0UL)]
    [InlineData(0UL, 0UL, 0UL, 0UL)]
    public void Malformed_requests_are_invalid(ulong gpa, ulong opAndFlags, ulong reserved0, ulong reserved1)
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(Errno.Invalid, world.Ioctl(0, AsyncPf, new IoctlArgument(gpa, opAndFlags, reserved0, reserved1)));
        Assert.Equal(Pending, world.Word("apf_state"));
    }

    [Fact]
    public void Other_ioctl_numbers_are_unknown()
    {
        Assert.Equal(Errno.Invalid, World().Ioctl(0, 0xd9, default));
    }

    [Theory]
    [InlineData(QueueClearReason.GuestDisabled)]
    [InlineData(QueueClearReason.Reset)]
    [InlineData(QueueClearReason.PagingToggled)]
    [InlineData(QueueClearReason.Destroy)]
    public void Ready_is_busy_while_the_queue_is_dropped_and_unknown_after(QueueClearReason reason)
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Op(world, Accept);
        Errno during = Errno.None;
        world.ClearQueue(0, reason, meanwhile: () => during = Op(world, Ready));
        Assert.Equal(Errno.Busy, during);
        Assert.Equal(Errno.NoEntry, Op(world, Ready));
        Assert.Equal(0UL, world.Word("apf_state"));
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Vmm_enters_the_waiter_before_it_accepts()
    {
        FakeWorld world = World();
        FaultAnswer answer = world.Fault(0, 5);
        world.Calls.Clear();
        Assert.Equal(ExitAction.Reenter, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Equal("AddWaiter", world.Calls[0]);
        Assert.Equal("Ioctl", world.Calls[1]);
        Assert.Equal(Accepted, world.Word("apf_state"));
        Assert.Equal([new Waiter(0, Gpa)], world.WaitersOf(new Gfn(5)));
    }

    [Fact]
    public void Content_between_waiter_and_accept_is_not_lost()
    {
        FakeWorld world = World();
        FaultAnswer answer = world.Fault(0, 5);
        world.After("AddWaiter", () => world.Arrive(5));
        Assert.Equal(ExitAction.Reenter, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Equal([0L, 0L], world.Ioctls.Select(ioctl => ioctl.Result));
        Assert.Equal(Completed, world.Word("apf_state"));
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void Content_that_came_first_is_left_to_re_entry()
    {
        FakeWorld world = World();
        FaultAnswer answer = world.Fault(0, 5);
        world.Place(5);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Empty(world.Ioctls);
        world.Run(0);
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void What_the_vmm_resolves_itself_costs_no_ioctl()
    {
        FakeWorld world = World();
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, world.Fault(0, 5), Handling.Resolve));
        world.Arrive(5);
        Assert.Empty(world.Ioctls);
        world.Run(0);
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void A_refused_accept_is_resolved_first()
    {
        FakeWorld world = World();
        FaultAnswer answer = world.Fault(0, 5);
        world.ClearQueue(0);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, answer, Handling.HandOff));
    }

    [Fact]
    public void Each_vcpu_that_waits_gets_its_own_ready()
    {
        FakeWorld world = World();
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world.Exit(1, 5, world.Fault(1, 5), Handling.HandOff);
        world.Arrive(5);
        Assert.Single(world[0].Done);
        Assert.Single(world[1].Done);
    }
}
