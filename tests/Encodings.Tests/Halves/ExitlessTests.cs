using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

/// <summary>exitless, row by row of its state table and of what the series was seen to return.</summary>
public sealed class ExitlessTests
{
    private const ulong Plain = 1UL << 4;
    private const ulong Started = (1UL << 4) | (1UL << 5);
    private const ulong Gpa = 0x5000;
    private const uint EnableCap = 0xa3;
    private const uint AsyncPf = 0xd6;
    private const uint SetEventfd = 0xd9;
    private const ulong Accept = 1;
    private const ulong Ready = 2;
    private const ulong Pending = 1;
    private const ulong Accepted = 2;
    private const ulong Completed = 3;
    private const int Notify = 0;
    private const ulong Minus1 = uint.MaxValue;

    private static FakeWorld World(string ring = "2", string notify = "armed", bool started = true)
    {
        var world = new FakeWorld(BuiltIns.Family("exitless").With(("ring", ring), ("notify", notify)));
        if (started)
        {
            world.CreateVcpus();
        }

        world.Arm(0, 128);
        world.Calls.Clear();
        world.Ioctls.Clear();
        return world;
    }

    private static Errno Set(FakeWorld world, ulong fd, ulong completeFd, ulong flagsAndPadding = 0,
        ulong reserved0 = 0, ulong reserved1 = 0) =>
        world.Ioctl(0, SetEventfd, new IoctlArgument(fd | (completeFd << 32), flagsAndPadding, reserved0, reserved1));

    private static Errno Op(FakeWorld world, ulong op, ulong gpa = Gpa) =>
        world.Ioctl(0, AsyncPf, new IoctlArgument(gpa, op));

    private static void Consume(FakeWorld world) => world.VmmHalf.OnEventfd(world.Vmm, Notify);

    /// <summary>What the work item does that complete_fd starts.</summary>
    private static void Work(FakeWorld world) => world.KvmHalf.OnWork(world.Kvm, 0);

    private static void Post(FakeWorld world, ulong gpa, ulong flags = 0)
    {
        ulong head = world.Word("apf_complete_index"); // of a ring of 2
        world.SetWord("apf_complete", head % 2 * 2, gpa);
        world.SetWord("apf_complete", (head % 2 * 2) + 1, flags);
        world.SetWord("apf_complete_index", 0, head + 1);
    }

    [Fact]
    public void A_fault_is_an_entry_that_is_accepted_before_the_injection_and_no_exit()
    {
        FakeWorld world = World();
        ulong atInjection = 0;
        world.Before("InjectNotPresent", () => atInjection = world.Word("apf_notify_index"));
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.Equal(1UL, atInjection);
        Assert.Equal(Gpa, world.Word("apf_notify", 0));
        Assert.Equal(Started, world.Word("apf_notify", 1));
        Assert.Equal(Accepted, world.Word("apf_state"));
        Assert.True(world[0].Outstanding.Single().Injected);
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Full_ring_exits_and_stays_pending_until_kvm_run()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.Fault(0, 6);
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 7));
        Assert.Equal(Pending, world.Word("apf_state", 2));
        world.Run(0, immediateExit: true);
        Assert.Equal(Pending, world.Word("apf_state", 2));
        world.Run(0);
        Assert.Equal(Completed, world.Word("apf_state", 2));
        Assert.Equal(Accepted, world.Word("apf_state", 0));
    }

    [Fact]
    public void A_tail_that_makes_no_sense_counts_as_full()
    {
        FakeWorld world = World();
        world.SetWord("apf_notify_index", 1, 1);
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
        Assert.Equal(0UL, world.Word("apf_notify_head"));
    }

    [Fact]
    public void The_shared_head_is_not_believed()
    {
        FakeWorld world = World();
        world.SetWord("apf_notify_index", 0, 77);
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.Equal(1UL, world.Word("apf_notify_index"));
        Assert.Equal(Gpa, world.Word("apf_notify", 0));
    }

    [Theory]
    [InlineData("armed", true, 1)]
    [InlineData("armed", false, 0)]
    [InlineData("always", true, 1)]
    [InlineData("always", false, 1)]
    public void Signal_if_armed_or_always(string notify, bool armed, int signals)
    {
        FakeWorld world = World(notify: notify);
        world.SetWord("apf_flags", 0, armed ? 1UL : 0);
        world.Fault(0, 5);
        Assert.Equal(signals, world.Calls.Count(call => call == "SignalEventfd"));
        Assert.Equal(armed && notify == "always" ? 1UL : 0, world.Word("apf_flags"));
    }

    [Fact]
    public void Armed_has_a_full_barrier_between_head_and_flag_on_both_sides()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(["Fence", "FetchAnd", "InjectNotPresent", "SignalEventfd"],
            world.Calls.SkipWhile(call => call != "Fence").Take(4));
        world.Calls.Clear();
        Consume(world);
        Assert.Equal(["FetchOr", "Fence", "Load"], world.Calls.SkipWhile(call => call != "FetchOr"));
    }

    [Fact]
    public void Plain_exit_without_capability_can_do_or_room_in_the_queue()
    {
        FakeWorld world = World();
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        world[0].CanDo = false;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        world[0].CanDo = true;
        world.Ioctl(0, EnableCap, new IoctlArgument(246, 0));
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        world.Ioctl(0, EnableCap, new IoctlArgument(246, 1));
        for (ulong gfn = 0; gfn < 4; gfn++)
        {
            world.Fault(0, gfn);
        }

        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 9));
        Assert.False(world.HoldsAnyLock);
    }

    [Fact]
    public void Repeated_fault_halts_and_makes_no_second_entry()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
        Assert.Equal(1UL, world.Word("apf_notify_index"));
    }

    [Fact]
    public void Without_rings_it_is_at_fault()
    {
        FakeWorld world = World(started: false);
        world.Ioctl(0, EnableCap, new IoctlArgument(246, 1));
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
        Assert.Equal(Errno.None, Op(world, Accept));
        Assert.Equal(Errno.None, Op(world, Ready));
    }

    [Fact]
    public void Content_that_arrives_completes_through_the_ring()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Consume(world);
        Assert.Equal(new Gfn(5), Gfn.OfGpa(world.WaitersOf(new Gfn(5)).Single().Cookie));
        world.Arrive(5);
        Assert.Empty(world.Ioctls);
        Work(world);
        Assert.Equal(Completed, world.Word("apf_state"));
        Assert.Equal(1UL, world.Word("apf_complete_index", 1));
    }

    [Fact]
    public void Full_completion_ring_is_left_to_ready()
    {
        FakeWorld world = World(ring: "1");
        world.Fault(0, 5);
        Consume(world);
        world.Arrive(5);
        world.Fault(0, 6);
        Consume(world);
        world.Arrive(6);
        Assert.Equal(Ready, world.Ioctls.Single().Call.Argument.W1);
        Assert.Equal(Completed, world.Word("apf_state", 1));
        Assert.Equal(Accepted, world.Word("apf_state", 0));
    }

    [Fact]
    public void An_entry_whose_page_is_there_is_completed_all_the_same()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.Place(5);
        Consume(world);
        Assert.Equal(Gpa, world.Word("apf_complete", 0));
        Work(world);
        Assert.Equal(Completed, world.Word("apf_state"));
    }

    [Fact]
    public void Who_finds_another_thread_producing_says_ready()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Consume(world);
        world.SetWord("vmm_producer_lock", 0, 1);
        world.Arrive(5);
        Assert.Equal(Ready, world.Ioctls.Single().Call.Argument.W1);
        Assert.Equal(0UL, world.Word("apf_complete_index"));
    }

    [Fact]
    public void Always_leaves_the_ring_to_who_is_reading_it_and_that_one_looks_again()
    {
        FakeWorld world = World(notify: "always");
        world.Fault(0, 5);
        world.SetWord("vmm_consumer_lock", 0, 1);
        Consume(world);
        Assert.Empty(world.WaitersOf(new Gfn(5)));
        world.SetWord("vmm_consumer_lock", 0, 0);
        world.Before("Fence", () => world.Fault(0, 6)); // after letting go: who is started for it may have left already
        Consume(world);
        Assert.Single(world.WaitersOf(new Gfn(5)));
        Assert.Single(world.WaitersOf(new Gfn(6)));
        Assert.Equal(0UL, world.Word("vmm_consumer_lock"));
    }

    [Fact]
    public void What_comes_while_arming_is_read_by_the_same_thread()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        world.Before("FetchOr", () => world.Fault(0, 6)); // after the last look, before the arming: not signalled
        Consume(world);
        Assert.Single(world.WaitersOf(new Gfn(6)));
        Assert.Equal(2UL, world.Word("apf_notify_index", 1));
        Assert.Equal(1UL, world.Word("apf_flags"));
    }

    [Fact]
    public void Completions_are_taken_before_a_halt()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Post(world, Gpa);
        world.KvmHalf.OnBeforeHalt(world.Kvm, 0);
        Assert.Equal(Completed, world.Word("apf_state"));
    }

    [Theory]
    [InlineData(Gpa, 1UL)]
    [InlineData(Gpa + 8, 0UL)]
    [InlineData(0x77000UL, 0UL)]
    public void Bad_completions_are_skipped_and_ready_still_works(ulong gpa, ulong flags)
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Post(world, gpa, flags);
        Work(world);
        Assert.Equal(Accepted, world.Word("apf_state"));
        Assert.Equal(1UL, world.Word("apf_complete_index", 1));
        Assert.Equal(Errno.None, Op(world, Ready));
    }

    [Fact]
    public void A_head_too_far_ahead_drops_the_batch()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Post(world, Gpa);
        world.SetWord("apf_complete_index", 0, 3);
        Work(world);
        Assert.Equal(Accepted, world.Word("apf_state"));
        Assert.Equal(3UL, world.Word("apf_complete_index", 1));
        Assert.Equal(Errno.None, Op(world, Ready));
    }

    [Fact]
    public void A_full_ring_is_taken_at_once()
    {
        FakeWorld world = World(ring: "64");
        for (ulong i = 0; i < 64; i++)
        {
            world.SetWord("apf_complete", i * 2, 0x77000);
        }

        world.SetWord("apf_complete_index", 0, 64);
        Work(world);
        Assert.Equal(64UL, world.Word("apf_complete_index", 1));
        Assert.DoesNotContain("QueueWork", world.Calls);
    }

    /// <summary>KVM has no tail of its own there: userspace can move it, and what it passes over stays.</summary>
    [Fact]
    public void The_tail_of_the_completion_ring_is_the_pages()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Post(world, Gpa);
        world.SetWord("apf_complete_index", 1, world.Word("apf_complete_index", 0));
        Work(world);
        Assert.Equal(Accepted, world.Word("apf_state"));
        Assert.Equal(Errno.None, Op(world, Ready));
    }

    [Theory]
    [InlineData(uint.MaxValue - 1UL, 1UL, 0UL, 0UL, 0UL)]
    [InlineData(0UL, 1UL, 1UL, 0UL, 0UL)]
    [InlineData(0UL, 1UL, 1UL << 32, 0UL, 0UL)]
    [InlineData(0UL, 1UL, 0UL, 1UL, 0UL)]
    [InlineData(0UL, 1UL, 0UL, 0UL, 1UL)]
    [InlineData(0UL, 0UL, 0UL, 0UL, 0UL)]
    [InlineData(Minus1, Minus1, 1UL, 0UL, 0UL)]
    public void Malformed_registrations(ulong fd, ulong completeFd, ulong flagsAndPadding, ulong reserved0,
        ulong reserved1)
    {
        FakeWorld world = World();
        Assert.Equal(Errno.Invalid, Set(world, fd, completeFd, flagsAndPadding, reserved0, reserved1));
    }

    [Theory]
    [InlineData(0UL, Minus1)]
    [InlineData(0UL, 77UL)]
    [InlineData(77UL, 1UL)]
    public void What_is_no_eventfd_is_ebadf(ulong fd, ulong completeFd)
    {
        Assert.Equal(Errno.BadFile, Set(World(), fd, completeFd));
    }

    [Fact]
    public void No_registration_either_way_while_a_fault_is_outstanding()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Assert.Equal(Errno.Busy, Set(world, Minus1, Minus1));
        Assert.Equal(Errno.Busy, Set(world, 0, 1));
        Op(world, Ready);
        world.Deliver(0);
        Assert.Equal(Errno.None, Set(world, 0, 1));
    }

    [Fact]
    public void A_second_registration_gives_an_empty_unarmed_page()
    {
        FakeWorld world = World();
        world.Fault(0, 5);
        Op(world, Ready);
        world.Deliver(0);
        world.SetWord("apf_flags", 0, 1);
        Assert.Equal(Errno.None, Set(world, 0, 1));
        Assert.Equal([0UL, 0UL, 0UL, 0UL],
            [world.Word("apf_notify_index"), world.Word("apf_notify_index", 1), world.Word("apf_notify_head"),
            world.Word("apf_flags")]);
        Assert.Equal(Errno.None, Set(world, Minus1, Minus1));
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
    }

    [Fact]
    public void Indices_wrap_at_32_bits()
    {
        FakeWorld world = World(ring: "64");
        world.SetWord("apf_notify_head", 0, uint.MaxValue);
        world.SetWord("apf_notify_index", 0, uint.MaxValue);
        world.SetWord("apf_notify_index", 1, uint.MaxValue);
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.Equal(0UL, world.Word("apf_notify_index"));
        Assert.Equal(Gpa, world.Word("apf_notify", 63 * 2));
    }

    [Fact]
    public void A_head_seventy_ahead_of_a_ring_of_64_drops_the_batch()
    {
        FakeWorld world = World(ring: "64");
        world.SetWord("apf_complete_index", 0, 70);
        Work(world);
        Assert.Equal(70UL, world.Word("apf_complete_index", 1));
        Assert.DoesNotContain("QueueWork", world.Calls);
    }
}
