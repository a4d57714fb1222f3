using UapiLab.Abstractions;
using UapiLab.Encodings.Tests.Descriptions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Halves;

/// <summary>multi-bit, row by row of its state tables, in every layout.</summary>
public sealed class MultiBitTests
{
    private const ulong Plain = 1UL << 4;
    private const ulong Started = (1UL << 4) | (1UL << 5);
    private const ulong Intercepted = (1UL << 4) | (1UL << 6);
    private const uint Ready = 0xda;
    private const ulong Gpa = 0x5000;
    private const ulong Present = 0, FaultSync = 1, FaultAsync = 2, InFlight = 3, WriteOnly = 4, Poison = 5,
        Intercept = 6;

    public static IEnumerable<TheoryDataRow<string, string, string>> Layouts =>
        from bits in new[] { "2", "4", "8" }
        from layout in new[] { "packed", "split" }
        from update in new[] { "atomic", "plain" }
        select new TheoryDataRow<string, string, string>(bits, layout, update);

    private static FakeWorld World(string bits, string layout, string update)
    {
        var world = new FakeWorld(BuiltIns.Family("multi-bit")
            .With(("bits", bits), ("layout", layout), ("update", update)));
        world.CreateVcpus();
        return world;
    }

    private static FakeWorld Armed(Prediction prediction, string bits = "2", string layout = "packed",
        string update = "atomic")
    {
        FakeWorld world = World(bits, layout, update);
        world.Arm(0, 256, prediction);
        world.Calls.Clear();
        return world;
    }

    /// <summary>The state as the declared regions have it.</summary>
    private static ulong StateOf(FakeWorld world, ulong gfn)
    {
        int bits = world.Encoding.Description.BitsPerGfn;
        if (world.Encoding.Regions.All(region => region.Name != "userfault_state"))
        {
            ulong state = 0;
            for (int bit = 0; bit < bits; bit++)
            {
                state |= (world.Word($"userfault_plane{bit}", gfn / 64) >> (int)(gfn % 64) & 1) << bit;
            }

            return state;
        }

        ulong perWord = bits == 8 ? 1UL : 64UL / (ulong)bits;
        return world.Word("userfault_state", gfn / perWord) >> (int)(gfn % perWord) * bits & ((1UL << bits) - 1);
    }

    private static void SetState(FakeWorld world, ulong gfn, ulong state)
    {
        Assert.Equal(8, world.Encoding.Description.BitsPerGfn);
        world.SetWord("userfault_state", gfn, state);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Arming_writes_the_prediction_and_nothing_outside(string bits, string layout, string update)
    {
        foreach ((Prediction prediction, ulong state) in new[]
        {
            (Prediction.Sync, FaultSync),
            (Prediction.Async, FaultAsync),
            (Prediction.SoonThere, InFlight),
            (Prediction.Intercept, bits == "2" ? FaultSync : Intercept),
        })
        {
            FakeWorld world = World(bits, layout, update);
            world.Arm(0, 256, Prediction.SoonThere);
            world.Arm(30, 100, prediction);
            for (ulong gfn = 0; gfn < 256; gfn++)
            {
                Assert.Equal(gfn is >= 30 and < 130 ? state : InFlight, StateOf(world, gfn));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Content_makes_one_frame_present(string bits, string layout, string update)
    {
        FakeWorld world = Armed(Prediction.SoonThere, bits, layout, update);
        world.Arrive(37);
        for (ulong gfn = 0; gfn < 256; gfn++)
        {
            Assert.Equal(gfn == 37 ? Present : InFlight, StateOf(world, gfn));
        }

        Assert.Equal(FaultAnswer.Map, world.Fault(0, 37));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Fetch_marks_fault_states_only(string bits, string layout, string update)
    {
        foreach (Prediction armed in new[] { Prediction.Sync, Prediction.Async })
        {
            FakeWorld world = Armed(armed, bits, layout, update);
            ulong before = StateOf(world, 0);
            world.StartFetch(5, Prediction.Async);
            Assert.Equal(before, StateOf(world, 5));
            world.StartFetch(5, Prediction.SoonThere);
            Assert.Equal(InFlight, StateOf(world, 5));
            Assert.Equal(before, StateOf(world, 4));
            Assert.Equal(before, StateOf(world, 6));
            world.Arrive(6);
            world.StartFetch(6, Prediction.SoonThere);
            Assert.Equal(Present, StateOf(world, 6));
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Fault_async_starts_an_apf(string bits, string layout, string update)
    {
        FakeWorld world = Armed(Prediction.Async, bits, layout, update);
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
        Assert.True(world[0].Outstanding.Single().Injected);
        Assert.Empty(world.Corruptions);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Fault_sync_and_in_flight_exit_without_one(string bits, string layout, string update)
    {
        Assert.Equal(FaultAnswer.Exit(Plain), Armed(Prediction.Sync, bits, layout, update).Fault(0, 5));
        Assert.Equal(FaultAnswer.Exit(Plain), Armed(Prediction.SoonThere, bits, layout, update).Fault(0, 5));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Unreadable_state_is_a_plain_error(string bits, string layout, string update)
    {
        FakeWorld world = Armed(Prediction.Async, bits, layout, update);
        world.Unreadable.Add(layout == "split" ? "userfault_plane1" : "userfault_state");
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 5));
    }

    [Theory]
    [InlineData(WriteOnly, AccessKind.Read, FaultVerdict.MapReadOnly, 0UL, Errno.None)]
    [InlineData(WriteOnly, AccessKind.Execute, FaultVerdict.MapReadOnly, 0UL, Errno.None)]
    [InlineData(WriteOnly, AccessKind.Write, FaultVerdict.Exit, Plain, Errno.None)]
    [InlineData(Poison, AccessKind.Read, FaultVerdict.Error, 0UL, Errno.HwPoison)]
    [InlineData(Intercept, AccessKind.Read, FaultVerdict.Exit, Intercepted, Errno.None)]
    [InlineData(7UL, AccessKind.Read, FaultVerdict.Exit, Plain, Errno.None)]
    [InlineData(255UL, AccessKind.Write, FaultVerdict.Exit, Plain, Errno.None)]
    public void Wide_states(ulong state, AccessKind access, FaultVerdict verdict, ulong flags, Errno errno)
    {
        FakeWorld world = Armed(Prediction.Async, bits: "8");
        SetState(world, 5, state);
        Assert.Equal(new FaultAnswer(verdict, flags, 0, errno), world.Fault(0, 5, access));
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Cannot_do_prefetch_and_full_queue_exit_plainly()
    {
        FakeWorld world = Armed(Prediction.Async);
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5, prefetch: true));
        world[0].CanDo = false;
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        world[0].CanDo = true;
        for (ulong gfn = 10; gfn < 14; gfn++)
        {
            world.Fault(0, gfn);
        }

        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
        Assert.False(world.HoldsAnyLock);
    }

    [Fact]
    public void What_cannot_be_delivered_halts_in_kvm()
    {
        FakeWorld world = Armed(Prediction.Async);
        world[0].CanDeliver = false;
        Assert.Equal(FaultAnswer.Exit(Started), world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Repeated_fault_halts_also_when_in_flight_by_now(bool marked)
    {
        FakeWorld world = Armed(Prediction.Async);
        world.Fault(0, 5);
        if (marked)
        {
            world.StartFetch(5, Prediction.SoonThere);
        }

        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.True(world[0].HaltRequested);
        Assert.False(world[1].HaltRequested);
        Assert.Equal(FaultAnswer.Exit(marked ? Plain : Started), world.Fault(1, 5));
    }

    [Fact]
    public void Repeated_fault_of_a_frame_re_armed_sync_exits()
    {
        FakeWorld world = Armed(Prediction.Async);
        world.Fault(0, 5);
        world.Arm(5, 1, Prediction.Sync);
        Assert.Equal(FaultAnswer.Exit(Plain), world.Fault(0, 5));
    }

    [Theory]
    [InlineData(Present, FaultVerdict.Map, 0UL)]
    [InlineData(FaultSync, FaultVerdict.Exit, Plain)]
    [InlineData(InFlight, FaultVerdict.Exit, Plain)]
    [InlineData(Intercept, FaultVerdict.Exit, Intercepted)]
    public void Second_look_withdraws_the_apf(ulong stateByThen, FaultVerdict verdict, ulong flags)
    {
        FakeWorld world = Armed(Prediction.Async, bits: "8");
        world.After("SetUpApf", () => SetState(world, 5, stateByThen));
        Assert.Equal(new FaultAnswer(verdict, flags), world.Fault(0, 5));
        Assert.Empty(world[0].Outstanding);
        Assert.DoesNotContain("InjectNotPresent", world.Calls);
        Assert.Equal(0UL, world.Word("apf_state"));
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void Second_look_comes_too_late_for_a_completed_apf()
    {
        FakeWorld world = Armed(Prediction.Async);
        world.After("Unlock", () =>
        {
            world.Arrive(5);
            Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(Gpa)));
        });
        Assert.Equal(FaultAnswer.Retry, world.Fault(0, 5));
        Assert.Single(world[0].Done);
        Assert.Empty(world.Corruptions);
    }

    [Fact]
    public void State_that_became_unreadable_withdraws_the_apf()
    {
        FakeWorld world = Armed(Prediction.Async);
        world.After("SetUpApf", () => world.Unreadable.Add("userfault_state"));
        Assert.Equal(FaultAnswer.Error(Errno.Fault), world.Fault(0, 5));
        Assert.Empty(world[0].Outstanding);
    }

    [Fact]
    public void Ready_rows()
    {
        FakeWorld world = Armed(Prediction.Async);
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(Gpa)));
        world.Fault(0, 5);
        Assert.Equal(Errno.NoEntry, world.Ioctl(1, Ready, new IoctlArgument(Gpa)));
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(0x6000)));
        Assert.Equal(Errno.None, world.Ioctl(0, Ready, new IoctlArgument(Gpa)));
        Assert.Equal(Errno.Already, world.Ioctl(0, Ready, new IoctlArgument(Gpa)));
        world.Deliver(0);
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(Gpa)));
        Assert.Equal(Errno.Invalid, world.Ioctl(0, 0xd6, new IoctlArgument(Gpa)));
        Assert.Empty(world.Corruptions);
    }

    [Theory]
    [InlineData(Gpa + 1, 0UL, 0UL, 0UL)]
    [InlineData(Gpa, 1UL, 0UL, 0UL)]
    [InlineData(Gpa, 1UL << 32, 0UL, 0UL)]
    [InlineData(Gpa, 0UL, 1UL, 0UL)]
    [InlineData(Gpa, 0UL, 0UL, 1UL)]
    public void Malformed_requests_are_invalid(ulong gpa, ulong flagsAndPad, ulong reserved0, ulong reserved1)
    {
        FakeWorld world = Armed(Prediction.Async);
        world.Fault(0, 5);
        Assert.Equal(Errno.Invalid, world.Ioctl(0, Ready, new IoctlArgument(gpa, flagsAndPad, reserved0, reserved1)));
        Assert.Empty(world[0].Done);
    }

    [Fact]
    public void Re_entry_completes_nothing()
    {
        FakeWorld world = Armed(Prediction.Async);
        world.Fault(0, 5);
        Assert.Equal(RunAnswer.Enter, world.Run(0));
        Assert.Empty(world[0].Done);
    }

    [Fact]
    public void Dropped_queue_frees_the_words()
    {
        FakeWorld world = Armed(Prediction.Async);
        world.Fault(0, 5);
        world.ClearQueue(0);
        Assert.Equal(0UL, world.Word("apf_state"));
        Assert.Equal(Errno.NoEntry, world.Ioctl(0, Ready, new IoctlArgument(Gpa)));
    }

    [Theory]
    [InlineData(Handling.HandOff, ExitAction.Reenter)]
    [InlineData(Handling.Resolve, ExitAction.ResolveFirst)]
    public void Started_apf_gets_its_ready_however_it_is_handled(Handling wanted, ExitAction expected)
    {
        FakeWorld world = Armed(Prediction.Async);
        Assert.Equal(expected, world.Exit(0, 5, world.Fault(0, 5), wanted));
        world.Before("Ioctl", () => Assert.Equal(Present, StateOf(world, 5)));
        world.Arrive(5);
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void Content_that_came_first_is_answered_at_the_exit()
    {
        FakeWorld world = Armed(Prediction.Async);
        FaultAnswer answer = world.Fault(0, 5);
        world.Place(5);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, answer, Handling.HandOff));
        Assert.Single(world[0].Done);
    }

    [Fact]
    public void Exit_without_an_apf_is_resolved_first()
    {
        FakeWorld world = Armed(Prediction.Sync);
        Assert.Equal(ExitAction.ResolveFirst, world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff));
        Assert.Empty(world.WaitersOf(new Gfn(5)));
    }

    [Theory]
    [InlineData("2", "packed")]
    [InlineData("4", "packed")]
    [InlineData("2", "split")]
    public void Plain_updates_of_neighbours_get_lost_and_atomic_ones_do_not(string bits, string layout)
    {
        FakeWorld plain = Armed(Prediction.SoonThere, bits, layout, "plain");
        plain.After("Load", () => plain.Arrive(6));
        plain.Arrive(5);
        Assert.Equal(Present, StateOf(plain, 5));
        Assert.NotEqual(Present, StateOf(plain, 6));

        FakeWorld atomic = Armed(Prediction.SoonThere, bits, layout, "atomic");
        atomic.Before("FetchAnd", () => atomic.Arrive(6));
        atomic.Arrive(5);
        Assert.Equal(Present, StateOf(atomic, 5));
        Assert.Equal(Present, StateOf(atomic, 6));
    }

    [Fact]
    public void Plain_updates_of_bytes_cannot_hit_a_neighbour()
    {
        FakeWorld world = Armed(Prediction.Async, "8", "packed", "plain");
        world.Before("Store", () => world.Arrive(6));
        world.Arrive(5);
        Assert.Equal(Present, StateOf(world, 5));
        Assert.Equal(Present, StateOf(world, 6));
        Assert.Equal(FaultAsync, StateOf(world, 7));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("4")]
    [InlineData("8")]
    public void Mark_that_is_overtaken_by_the_content_does_nothing_when_packed_and_atomic(string bits)
    {
        FakeWorld world = Armed(Prediction.Async, bits);
        world.After("Load", () => world.Arrive(5));
        world.StartFetch(5, Prediction.SoonThere);
        Assert.Equal(Present, StateOf(world, 5));
    }

    /// <summary>What two bitmaps cannot do; the README says what comes of it.</summary>
    [Fact]
    public void Mark_that_is_overtaken_by_the_content_leaves_a_fault_bit_when_split()
    {
        FakeWorld world = Armed(Prediction.Async, "2", "split");
        world.Before("FetchOr", () => world.Arrive(5));
        world.StartFetch(5, Prediction.SoonThere);
        Assert.Equal(FaultSync, StateOf(world, 5));
        world.Exit(0, 5, world.Fault(0, 5), Handling.HandOff);
        world.Arrive(5);
        Assert.Equal(Present, StateOf(world, 5));
    }

    /// <summary>Whatever is published or marked meanwhile, no reader of planes ever takes a fault state for present
    /// before the content is there.</summary>
    [Fact]
    public void Split_reader_never_sees_present_while_a_mark_is_made()
    {
        foreach (Prediction armed in new[] { Prediction.Sync, Prediction.Async })
        {
            FakeWorld world = Armed(armed, "2", "split");
            world.After("TryLoad", () => world.StartFetch(5, Prediction.SoonThere));
            Assert.NotEqual(FaultVerdict.Map, world.Fault(0, 5).Verdict);
        }
    }
}
