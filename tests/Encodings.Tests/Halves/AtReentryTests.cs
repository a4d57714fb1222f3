using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

/// <summary>async-hint:inject=at-reentry, row by row of its state table.</summary>
public sealed class AtReentryTests
{
    private const ulong Plain = 1UL << 4;
    private const ulong Possible = (1UL << 4) | (1UL << 5);
    private const ulong Refused = (1UL << 4) | (1UL << 6);
    private const ulong Gpa = 0x5000;
    private const uint EnableCap = 0xa3;
    private const uint AsyncPf = 0xd6;
    private const ulong Ready = 2;

    private static readonly RunAnswer s_refused = new(ExitAgain: true, new Gfn(5), Refused);

    private static FakeWorld World(bool enabled = true)
    {
        var world = new FakeWorld(BuiltIns.Family("async-hint").With());
        if (enabled)
        {
            world.CreateVcpus();
        }

        world.Arm(0, 128);
        world.Calls.Clear();
        world.Ioctls.Clear();
        return world;
    }

    /// <summary>A world that has exited for frame 5 and answered.</summary>
    private static FakeWorld Answered(ulong answer)
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.SetWord("userfault_answer", 0, answer);
        world.Calls.Clear();
        return world;
    }

    private static Errno SayReady(FakeWorld world, int vcpu = 0) =>
        world.Ioctl(vcpu, AsyncPf, new IoctlArgument(Gpa, Ready));

    [Fact]
    public void Exit_only_offers()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(Possible), world.Fault(0, 5));
        Assert.Empty(world[0].Outstanding);
        Assert.Equal(6UL, world.Word("apf_offered"));
        Assert.DoesNotContain("InjectNotPresent", world.Calls);
    }

    [Fact]
    public void No_offer_is_made_that_is_sure_to_be_refused()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        world[0].CanDo = false;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.Equal(FaultAnswer.Exit(Plain), World(enabled: false).Fault(0, 5));
        Assert.Equal(0UL, world.Word("apf_offered"));
    }

    [Fact]
    public void Frame_0_can_be_offered()
    {
        FakeWorld world = World();
        world.Fault(0, 0);
        world.SetWord("userfault_answer", 0, 1);
        world.Run(0);
        Assert.Equal(new Gfn(0), world[0].Outstanding.Single().Ref.Gfn);
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
    public void Answer_async_injects_at_re_entry()
    {
        FakeWorld world = Answered(1);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.True(world[0].Outstanding.Single().Injected);
        Assert.Equal(0UL, world.Word("userfault_answer"));
        Assert.Equal(0UL, world.Word("apf_offered"));
        Assert.Equal(1UL, world.Word("apf_state"));
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Answer_none_starts_nothing_and_takes_the_offer()
    {
        FakeWorld world = Answered(0);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
        Assert.Equal(0UL, world.Word("apf_offered"));
        world.SetWord("userfault_answer", 0, 1);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Answer_without_an_offer_is_dropped()
    {
        FakeWorld world = World();
        world.SetWord("userfault_answer", 0, 1);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
        Assert.Equal(0UL, world.Word("userfault_answer"));
    }

    [Fact]
    public void Answer_is_read_once()
    {
        FakeWorld world = Answered(1);
        world.After("Load", () => world.SetWord("userfault_answer", 0, 0xff));
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Single(world[0].Outstanding);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Single(world[0].Outstanding);
    }

    [Theory]
    [InlineData(2UL)]
    [InlineData(0xffUL)]
    public void Unknown_answer_is_refused(ulong answer)
    {
        FakeWorld world = Answered(answer);
        Assert.Equal(s_refused, world.Run(0));
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Cannot_do_at_re_entry_is_refused()
    {
        FakeWorld world = Answered(1);
        world[0].CanDo = false;
        Assert.Equal(s_refused, world.Run(0));
        Assert.Equal(0UL, world.Word("apf_offered"));
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Full_queue_at_re_entry_is_refused()
    {
        FakeWorld world = World();
        for (ulong gfn = 10; gfn < 14; gfn++)
        {
            world.Fault(0, gfn);
            world.SetWord("userfault_answer", 0, 1);
            world.Run(0);
        }

        world.Fault(0, 5);
        world.SetWord("userfault_answer", 0, 1);
        Assert.Equal(s_refused, world.Run(0));
        Assert.False(world.HoldsAnyLock);
    }

    [Fact]
    public void What_cannot_be_delivered_halts_and_is_not_refused()
    {
        FakeWorld world = Answered(1);
        world[0].CanDeliver = false;
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.True(world[0].HaltRequested);
        Assert.Single(world[0].Outstanding);
    }

    [Fact]
    public void Immediate_exit_keeps_answer_and_offer()
    {
        FakeWorld world = Answered(1);
        Assert.Equal(RunAnswer.Enter, world.Run(0, immediateExit: true));
        Assert.Empty(world.Calls);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Single(world[0].Outstanding);
    }

    [Fact]
    public void Content_before_re_entry_voids_the_offer()
    {
        FakeWorld world = World();
        Assert.Equal(ExitAction.Reenter, world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff));
        world.Arrive(5);
        Assert.Equal(0L, world.Ioctls.Single().Result);
        Assert.Equal(0UL, world.Word("apf_offered"));
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
        Assert.Equal(0UL, world.Word("userfault_answer"));
        Assert.DoesNotContain("InjectNotPresent", world.Calls);
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 5));
        Assert.Empty(world.Corruptions);
    }

    /// <summary>The bit was set when KVM looked, and READY comes before KVM has the lock.</summary>
    [Fact]
    public void Content_before_the_lock_voids_the_offer()
    {
        FakeWorld world = World();
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world.Before("Lock", () => world.Arrive(5));
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Equal(0L, world.Ioctls.Single().Result);
        Assert.Empty(world[0].Outstanding);
        Assert.DoesNotContain("InjectNotPresent", world.Calls);
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Content_after_the_set_up_is_found_by_ready()
    {
        FakeWorld world = World();
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world.Before("InjectNotPresent", () => world.Arrive(5));
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Single(world[0].Done);
        Assert.Empty(world.Corruptions);
    }

    /// <summary>The content came, its READY voided the offer, and the page was armed again before KVM_RUN: the set bit
    /// is not the one that was offered.</summary>
    [Fact]
    public void Offer_does_not_outlive_a_ready()
    {
        FakeWorld world = World();
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world.Arrive(5);
        world.ReArm(5, 1);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
        Assert.DoesNotContain("InjectNotPresent", world.Calls);
        Assert.Equal(FaultAnswer.Exit(Possible), world.Fault(0, 5));
        world.SetWord("userfault_answer", 0, 1);
        world.Run(0);
        Assert.True(world[0].Outstanding.Single().Injected);
    }

    [Fact]
    public void Ready_for_another_page_or_vcpu_leaves_the_offer()
    {
        FakeWorld world = Answered(1);
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, AsyncPf, new IoctlArgument(Gpa + 0x1000, Ready)));
        Assert.Equal(Errno.NoEntry, SayReady(world, vcpu: 1));
        world.Run(0);
        Assert.True(world[0].Outstanding.Single().Injected);
    }

    [Fact]
    public void Bitmap_that_became_unreadable_is_left_to_the_next_fault()
    {
        FakeWorld world = Answered(1);
        world.Unreadable.Add("userfault_bitmap");
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 5));
    }

    [Fact]
    public void Repeated_fault_halts_and_a_second_vcpu_gets_its_own_offer()
    {
        FakeWorld world = Answered(1);
        world.Run(0);
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
        Assert.Equal(FaultAnswer.Exit(Possible), world.Fault(1, 5));
        world.SetWord("userfault_answer", 1, 1);
        world.Run(1);
        Assert.Single(world[1].Outstanding);
    }

    [Fact]
    public void Ready_rows()
    {
        FakeWorld world = Answered(1);
        world.Run(0);
        Assert.Equal(Errno.NoEntry, SayReady(world, vcpu: 1));
        Assert.Equal(Errno.None, SayReady(world));
        Assert.Equal(Errno.Already, SayReady(world));
        world.Deliver(0);
        Assert.Equal(Errno.NoEntry, SayReady(world));
        Assert.Empty(world.Corruptions);
    }

    [Theory]
    [InlineData(Gpa, 0UL, 0UL, 0UL)]
    [InlineData(Gpa, 1UL, 0UL, 0UL)]
    [InlineData(Gpa, 3UL, 0UL, 0UL)]
    [InlineData(Gpa, 2UL | (1UL << 32), 0UL, 0UL)]
    [InlineData(Gpa, 2UL, 1UL, 0UL)]
    [InlineData(Gpa, 2UL, 0UL, 1UL)]
    [InlineData(Gpa + 1, 2UL, 0UL, 0UL)]
    public void Malformed_requests_are_invalid(ulong gpa, ulong opAndFlags, ulong reserved0, ulong reserved1)
    {
        FakeWorld world = Answered(1);
        world.Run(0);
        Assert.Equal(Errno.Invalid, world.Ioctl(0, AsyncPf, new IoctlArgument(gpa, opAndFlags, reserved0, reserved1)));
    }

    [Fact]
    public void Ready_is_busy_while_the_queue_is_dropped_and_the_offer_goes_with_it()
    {
        FakeWorld world = Answered(1);
        Errno during = Errno.None;
        world.ClearQueue(0, QueueClearReason.Reset, meanwhile: () => during = SayReady(world));
        Assert.Equal(Errno.Busy, during);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Outstanding);
    }

    [Theory]
    [InlineData(0xffffUL, 1UL, Errno.None)]
    [InlineData(0xffffUL, 0UL, Errno.None)]
    [InlineData(0xffffUL, 2UL, Errno.Invalid)]
    [InlineData(246UL, 1UL, Errno.Invalid)]
    public void Enable_cap_rows(ulong capAndFlags, ulong on, Errno expected)
    {
        Assert.Equal(expected, World(enabled: false).Ioctl(0, EnableCap, new IoctlArgument(capAndFlags, on)));
    }

    [Theory]
    [InlineData(Handling.HandOff, ExitAction.Reenter, 1UL)]
    [InlineData(Handling.Resolve, ExitAction.ResolveFirst, 0UL)]
    public void Vmm_answers_what_it_will_do(Handling wanted, ExitAction expected, ulong answer)
    {
        FakeWorld world = World();
        Assert.Equal(expected, world.Exit(0, 5, world.Fault(0, 5), wanted));
        Assert.Equal(answer, world.Word("userfault_answer"));
        Assert.Equal((int)answer, world.WaitersOf(new Gfn(5)).Length);
    }

    [Fact]
    public void Content_that_came_first_is_answered_none()
    {
        FakeWorld world = World();
        FaultAnswer answer = world.Fault(0, 5);
        world.Place(5);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Equal(0UL, world.Word("userfault_answer"));
    }

    [Fact]
    public void Refusal_is_resolved_first_and_the_older_waiter_does_no_harm()
    {
        FakeWorld world = World();
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world[0].CanDo = false;
        RunAnswer run = world.Run(0);
        Assert.Equal(s_refused, run);
        Assert.Equal(ExitAction.ResolveFirst,
            world.Exit(0, 5, FaultAnswer.Exit(run.Flags, run.Extra), Handling.HandOff));
        world.Arrive(5);
        Assert.Equal(Errno.NoEntry.Negated(), world.Ioctls.Single().Result);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Equal(FaultAnswer.Map, world.Fault(0, 5));
    }
}
