using UapiLab.Abstractions;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Tests.Machines.Broken;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>KVM's own APF against the counts of the recordings of stock kernels: the small guest over
/// userfaultfd.</summary>
public sealed class KernelApfTests
{
    private static readonly GuestStep s_disable = new(0, 1, GuestStepFlags.DisableApf | GuestStepFlags.NoAccess);

    [Theory]
    // scenario, vcpus, pages, tasks, guest APF, guest, flags | not-present, #PFs injected, ready IRQs, halts, repeated,
    // completed, ready
    [InlineData("s1_apf_on", 1, 64, 8, true, "recorded", GuestStepFlags.None, 64, 64, 65, 0, 0, 64, 65)]
    [InlineData("s2_apf_off", 1, 64, 8, false, "recorded", GuestStepFlags.None, 64, 0, 0, 64, 0, 64, 64)]
    [InlineData("s4_2vcpu", 2, 16, 8, true, "recorded", GuestStepFlags.None, 32, 32, 34, 0, 0, 32, 34)]
    [InlineData("s5a_cpl0_nosend", 1, 16, 4, true, "recorded", GuestStepFlags.Kernel, 16, 0, 1, 16, 0, 16, 17)]
    [InlineData("s5b_cpl0_if0", 1, 16, 4, true, "recorded", GuestStepFlags.Kernel | GuestStepFlags.InterruptsOff, 0, 0,
        0, 0, 0, 0, 1)]
    [InlineData("s10_retouch", 1, 16, 4, true, "retouch", GuestStepFlags.None, 16, 16, 17, 16, 16, 16, 17)]
    [InlineData("s13_cap64", 1, 80, 80, true, "recorded", GuestStepFlags.None, 79, 79, 80, 0, 0, 79, 80)]
    public void Counts_equal_the_recording(string scenario, int vcpus, int pages, int tasks, bool guestApf,
        string guest, GuestStepFlags flags,
        long notPresent, long injected, long readyIrqs, long halts, long repeated, long completed, long ready)
    {
        var (result, events) = Run(vcpus, pages, tasks, guestApf, guest, flags);
        // who does not sleep leaves its wake-ups unclaimed
        Assert.True(guest == "retouch" || !result.HasViolation, scenario);
        Assert.Equal(pages * vcpus, events[MachineEventKind.GuestAccessDone]);
        Assert.Equal(0, result.Exits);
        Assert.Equal(notPresent, events.GetValueOrDefault(MachineEventKind.KvmAsyncPfNotPresent));
        Assert.Equal(injected, result.NotPresentInjected);
        if (scenario != "s5b_cpl0_if0") // IF stays off there, and the wake-all of enabling stays pending
        {
            Assert.Equal(readyIrqs, result.ReadyIrqs);
        }

        Assert.Equal(halts, result.ApfHalts);
        Assert.Equal(repeated, events.GetValueOrDefault(MachineEventKind.KvmAsyncPfRepeatedFault));
        Assert.Equal(completed, events.GetValueOrDefault(MachineEventKind.KvmAsyncPfCompleted));
        Assert.Equal(ready, events.GetValueOrDefault(MachineEventKind.KvmAsyncPfReady));
    }

    [Fact]
    public void The_queue_that_is_full_burns_a_token_and_sleeps()
    {
        // s13: the 65th fault is traced as an attempt without a not-present, and the next token is 0x42000.
        var tokens = new List<ulong>();
        var (_, events) = Run(1, 80, 80, guestApf: true, "recorded", GuestStepFlags.None, e =>
        {
            if (e.Kind == MachineEventKind.KvmAsyncPfNotPresent)
            {
                tokens.Add(e.Value);
            }
        });
        Assert.Equal(80, events[MachineEventKind.KvmTryAsyncGetPage]);
        Assert.Equal(1, events[MachineEventKind.ApfQueueFull]);
        Assert.Equal([0x40000UL, 0x42000UL], tokens.Skip(63).Take(2));
    }

    [Fact]
    public void Without_the_setting_the_thread_sleeps()
    {
        var (result, events) = Run(1, 16, 4, guestApf: true, "recorded", GuestStepFlags.None, on: false);
        Assert.Equal(0, events.GetValueOrDefault(MachineEventKind.KvmTryAsyncGetPage));
        Assert.Equal(0, result.NotPresentInjected);
        Assert.Equal(16, events[MachineEventKind.GuestAccessDone]);
    }

    [Fact]
    public void Disabling_waits_for_the_workers_and_loses_their_ready()
    {
        // s20: tasks fault, the last disables APF; the write takes until the workers are back, and nothing is
        // delivered.
        var order = new List<string>();
        var (result, events) = Run(1, 4, 4, guestApf: true, "recorded", GuestStepFlags.None, e =>
        {
            if (e.Kind is MachineEventKind.KvmAsyncPfCompleted or MachineEventKind.GuestWake)
            {
                order.Add(e.Kind.ToString());
            }
        }, lastDisables: true);
        Assert.False(result.HasViolation);
        // the wake-all of enabling, and the fault after disabling, which halts
        Assert.Equal(2, events[MachineEventKind.KvmAsyncPfReady]);
        Assert.Equal([.. Enumerable.Repeat(nameof(MachineEventKind.KvmAsyncPfCompleted), 3),
            .. Enumerable.Repeat(nameof(MachineEventKind.GuestWake), 3)], order.Take(6));
    }

    /// <summary>Work that has not started is cancelled: the write waits for nothing.</summary>
    [Fact]
    public void Disabling_cancels_the_work_that_has_not_started()
    {
        using var hand = HandMachine.Over(Backing.Userfaultfd, [HandMachine.Touch(0)], [s_disable]);
        hand.Until(0, () => hand.Machine.Apf.Outstanding(0) == 1);
        hand.Until(0, () => !hand.Machine.Vcpus[0].ApfEnabled && hand.Machine.StepOf(0) != VcpuStep.GuestBoot);
        Assert.Equal(0, hand.Machine.Apf.Outstanding(0));
        hand.Run(hand.Machine.WorkerActor);
        Assert.Equal(0, hand.Machine.Vcpus[0].DoneCount);
    }

    [Fact]
    public void And_waits_for_the_work_that_has()
    {
        using var hand = HandMachine.Over(Backing.Userfaultfd, [HandMachine.Touch(0)], [s_disable]);
        hand.Until(0, () => hand.Machine.Apf.Outstanding(0) == 1);
        hand.Run(hand.Machine.WorkerActor, steps: 1);
        hand.Run(0);
        Assert.Equal(BlockReason.WorkerFlush, hand.Machine.Blocked(0));
        Assert.Equal(1, hand.Machine.Apf.Outstanding(0));
    }

    [Fact]
    public void Without_the_wait_the_tasks_are_woken_before_their_pages_are_there()
    {
        var order = new List<MachineEventKind>();
        Run(1, 4, 4, guestApf: true, "recorded", GuestStepFlags.None, e => order.Add(e.Kind), lastDisables: true,
            broken: Rules.K5Flush);
        Assert.True(order.IndexOf(MachineEventKind.GuestWake) < order.IndexOf(MachineEventKind.PagePlaced));
    }

    private static (RunResult Result, Dictionary<MachineEventKind, long> Events) Run(int vcpus, int pages, int tasks,
        bool guestApf, string guest,
        GuestStepFlags flags, Action<MachineEvent>? listener = null, bool on = true, bool lastDisables = false,
            RuleSet broken = default)
    {
        var events = new Dictionary<MachineEventKind, long>();
        using var simulator =
            new Simulator(new StockKvm(),
                new SmallGuest(vcpus, pages, tasks, guestApf, guest, flags, on, lastDisables, broken),
                CostTable.Default, seed: 1)
            {
                Observer = new Counter(events, listener),
            };
        return (simulator.Run(), events);
    }

    private sealed class Counter(Dictionary<MachineEventKind, long> counts, Action<MachineEvent>? listener)
        : IMachineObserver
    {
        public void On(in MachineEvent e)
        {
            counts[e.Kind] = counts.GetValueOrDefault(e.Kind) + 1;
            listener?.Invoke(e);
        }
    }

    /// <summary>Task t of every vCPU touches pages t, t + T, t + 2T …; all vCPUs touch the same pages.</summary>
    private sealed class SmallGuest(int vcpus, int pages, int tasks, bool guestApf, string guest, GuestStepFlags flags,
        bool on, bool lastDisables, RuleSet broken) : Workload, IGuestProgram
    {
        public override string Name => "small guest";

        public override MachineConfig Config { get; } = new()
        {
            Vcpus = vcpus,
            TasksPerVcpu = tasks,
            Gfns = pages,
            GuestApf = guestApf,
            Guest = guest,
            Backing = Backing.Userfaultfd,
            KernelApf = on,
            Broken = broken,
        };

        public override IGuestProgram Program(ulong seed) => this;

        public bool TryStep(int task, long index, out GuestStep step)
        {
            var page = (task % tasks) + (index * tasks);
            step = new(1_000, (ulong)page,
                flags | (lastDisables && page == pages - 1 ? GuestStepFlags.DisableApf : GuestStepFlags.None));
            return page < pages;
        }

        public override int Choose(ulong seed, ChoiceKind kind, ulong key) => kind switch
        {
            ChoiceKind.Disposition => (int)Disposition.Async,
            ChoiceKind.Intercepted => 0,
            _ => (int)Prediction.Async,
        };

        public override long FetchNs(ulong seed, ulong gfn, Disposition disposition) => 10_000_000;

        public override long Delay(ulong seed, DelayKind kind, ulong key) => 1_000;

        public override Workload WithPolicy(VmmPolicy other) => throw new NotSupportedException();
    }
}
