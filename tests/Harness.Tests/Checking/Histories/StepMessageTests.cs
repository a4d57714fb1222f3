using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>What a history has to say of one step or one end.</summary>
public sealed class StepMessageTests
{
    private static readonly CheckInstance s_two = new()
    {
        Name = "two",
        Gfns = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
    };

    /// <summary>Two vCPUs that each want what the other has.</summary>
    [Fact]
    public void A_deadlock_names_each_lock_and_its_holder()
    {
        var history = Checker.Run(new CrossedLocks(), s_two, new() { Threads = 1 }).Histories.Single();
        Assert.Equal("lost-wakeup", history.Property);
        Assert.Equal(
            [
                "vCPU 0 waits for the Apf lock of vCPU 1, which vCPU 1 holds; it would have been woken by: its release",
                "vCPU 1 waits for the Apf lock of vCPU 0, which vCPU 0 holds; it would have been woken by: its release",
            ],
            history.Waiting.Select(w => StepText.Of(history, w)));
    }

    [Theory]
    [InlineData(true, "runs[0] took ")]
    [InlineData(false, null)]
    public void A_counter_that_makes_states_endless_is_named(bool counts, string? named)
    {
        var outcome = Checker.Run(new RunCounter(counts), s_two with { Vcpus = 1 },
            new() { Threads = 1, MaxStates = counts ? 2_000 : 5, Liveness = false });
        Assert.True(outcome.IsUndecided);
        Assert.Equal(named, outcome.GrowingWords.SingleOrDefault()?[..(named?.Length ?? 0)]);
    }

    [Fact]
    public void What_set_up_has_left_is_told()
    {
        var history = Checker.Run(BrokenEncodings.NeverReady.With(), s_two, new() { Threads = 1 }).Histories.Single();
        Assert.Equal("userfault_bitmap[0] = 0x1", history.AtFirst);
        Assert.Contains("\nat first  userfault_bitmap[0] = 0x1\n", HistoryText.Write(history),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_load_that_fails_is_told()
    {
        var script = new ChoiceScript { Pick = choices => choices - 1 };
        var told = new Told();
        using var stepped = new SteppedMachine(BrokenEncodings.Control.With(),
            s_two with { Environment = new() { FailedCopies = 1 } }, script, told, null);
        stepped.Machine.Listener = told;
        for (var steps = 0; steps < 20 && stepped.Machine.IsRunnable(0); steps++)
        {
            stepped.Machine.Step(0);
        }

        Assert.Contains("load userfault_bitmap[0] fails: it is not readable", told.Lines);
    }

    /// <summary>It is about no frame, and none is named.</summary>
    [Fact]
    public void An_undeclared_errno_is_told_with_the_ioctl_that_returned_it()
    {
        var history = Checker.Run(BrokenEncodings.UndeclaredErrno.With(),
            s_two with { Environment = new() { RepeatedIoctls = 1 } }, new() { Threads = 1 }).Histories.Single();
        Assert.Equal("errno-contract", history.Property);
        Assert.EndsWith("; TEST_APF returns -11, which its description does not list", history.Steps[^1].Text,
            StringComparison.Ordinal);
        Assert.Equal(["VIOLATION: UndeclaredErrno"], history.Steps[^1].Events);
    }

    [Fact]
    public void Too_many_waiters_are_counted_where_they_are_entered()
    {
        var defect = Assert.Throws<EncodingDefectException>(
            () => Checker.Run(new RunCounter(counts: false, waiters: 50), s_two, new() { Threads = 1 }));
        Assert.StartsWith("AddWaiter: 18 waiters are entered, more than faults can be outstanding;", defect.Message,
            StringComparison.Ordinal);
    }

    private sealed class Told : IAccessListener, IMachineObserver
    {
        public List<string> Lines { get; } = [];

        public void Report(Operation operation, bool inKvm, string what, Exception? thrown) => Lines.Add(what);

        public void On(in MachineEvent e)
        {
        }
    }

    /// <summary>The vCPU goes round until an I/O thread has placed the page, and may count how often.</summary>
    private sealed class RunCounter(bool counts, int waiters = 0) : Encoding
    {
        private static Region Bitmap => new(0);

        private static Region Runs => new(1);

        public override EncodingDescription Description => new()
        {
            Id = "run-counter",
            FullName = "run-counter",
            Summary = "Faults again until the page is there.",
            Origin = "A test.",
            BitsPerGfn = 1,
            States = ["present", "fault"],
        };

        public override IReadOnlyList<RegionSpec> Regions =>
        [
            new("bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "1 = a fault exits.")
                { Holds = WordKind.Number },
            new("runs", RegionOwner.KvmPrivate, RegionScope.PerVm, 64, 1, "Entries.") { Holds = WordKind.Number },
        ];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>(counts);

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>(waiters);

        private sealed class Kvm<TKvm>(bool counts) : IKvmHalf<TKvm>
            where TKvm : struct, IKvm
        {
            private readonly bool _counts = counts;

            public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
                kvm.Load(Bitmap, 0) == 0 ? FaultAnswer.Map : FaultAnswer.Exit(1);

            public RunAnswer OnRun(TKvm kvm, RunEntry entry)
            {
                if (_counts)
                {
                    kvm.FetchAdd(Runs, 0, 1);
                }

                return RunAnswer.Enter;
            }
        }

        private sealed class Vmm<TVmm>(int waiters) : IVmmHalf<TVmm>
            where TVmm : struct, IVmm
        {
            private readonly int _waiters = waiters;

            public void OnArm(TVmm vmm, ArmRequest request) => vmm.FetchOr(Bitmap, 0, 1);

            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
            {
                for (var entered = 0; entered < _waiters && wanted == Handling.HandOff; entered++)
                {
                    vmm.AddWaiter(exit.Gfn, new(exit.Vcpu, 0));
                }

                return wanted == Handling.HandOff ? ExitAction.Reenter : ExitAction.ResolveFirst;
            }

            public void OnContentArrived(TVmm vmm, Gfn gfn) => vmm.FetchAnd(Bitmap, 0, 0);
        }
    }

    private sealed class CrossedLocks : Encoding
    {
        public override EncodingDescription Description => new()
        {
            Id = "crossed-locks",
            FullName = "crossed-locks",
            Summary = "Each vCPU takes its own lock and then the other's.",
            Origin = "A test.",
            BitsPerGfn = 1,
            States = ["present", "fault"],
        };

        public override IReadOnlyList<RegionSpec> Regions => [];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>();

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>();

        private sealed class Kvm<TKvm> : IKvmHalf<TKvm>
            where TKvm : struct, IKvm
        {
            public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
            {
                kvm.Lock(KvmLock.Apf, fault.Vcpu);
                kvm.Lock(KvmLock.Apf, 1 - fault.Vcpu);
                kvm.Unlock(KvmLock.Apf, 1 - fault.Vcpu);
                kvm.Unlock(KvmLock.Apf, fault.Vcpu);
                return FaultAnswer.Exit(1);
            }
        }

        private sealed class Vmm<TVmm> : IVmmHalf<TVmm>
            where TVmm : struct, IVmm
        {
            public void OnArm(TVmm vmm, ArmRequest request)
            {
            }

            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

            public void OnContentArrived(TVmm vmm, Gfn gfn)
            {
            }
        }
    }
}
