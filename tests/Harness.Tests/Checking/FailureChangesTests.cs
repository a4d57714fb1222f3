using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>An ioctl that fails leaves everything as it was: the property <c>failure-changes</c>.</summary>
public sealed class FailureChangesTests
{
    private static readonly CheckInstance s_hostile = new()
    {
        Name = "hostile",
        Vcpus = 1,
        Gfns = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Symmetric = false,
        Environment = new() { HostileActs = 1 },
        Modes = [GuestStepFlags.None],
    };

    [Fact]
    public void A_count_of_refused_calls_is_found()
    {
        var outcome = Run(BrokenEncodings.CountsRepeats.With());
        Assert.Equal(["failure-changes"], Broken(outcome));
        var last = outcome.Histories.Single().Steps[^1];
        Assert.Contains("TEST_READY fails with -114, and changes completed[0]", last.Text, StringComparison.Ordinal);
        Assert.Contains("VIOLATION: FailureChanges", last.Events);
        Assert.Contains("hostile thread", outcome.Histories.Single().Lanes);
        Assert.Empty(Broken(Run(BrokenEncodings.Control.With())));
    }

    [Theory]
    [InlineData(nameof(FailingIoctl.StoresBlindly), true)]
    [InlineData(nameof(FailingIoctl.StoresTheSame), false)]
    [InlineData(nameof(FailingIoctl.TakesBits), true)]
    [InlineData(nameof(FailingIoctl.TakesBitsAndGivesThemBack), false)]
    [InlineData(nameof(FailingIoctl.CountsUpAndDown), false)]
    [InlineData(nameof(FailingIoctl.WritesBackWhatItRead), false)]
    [InlineData(nameof(FailingIoctl.CountsInALoop), true)]
    [InlineData(nameof(FailingIoctl.CountsUpAndDownInALoop), false)]
    [InlineData(nameof(FailingIoctl.MarksItselfAroundALoop), false)]
    [InlineData(nameof(FailingIoctl.QueuesWork), true)]
    [InlineData(nameof(FailingIoctl.FillsWords), true)]
    public void What_is_left_counts_and_what_is_taken_back_does_not(string name, bool isFound) =>
        Assert.Equal(isFound ? ["failure-changes"] : [],
            Broken(Run(new FailingIoctlEncoding(Enum.Parse<FailingIoctl>(name)))));

    private static IEnumerable<string> Broken(CheckOutcome outcome) =>
        outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken).Select(p => p.Property.Name);

    private static CheckOutcome Run(Encoding encoding) => Checker.Run(encoding, s_hostile, new() { Threads = 1 });

    /// <summary>What an ioctl does before it fails.</summary>
    private enum FailingIoctl
    {
        StoresBlindly,
        StoresTheSame,
        TakesBits,
        TakesBitsAndGivesThemBack,
        CountsUpAndDown,
        WritesBackWhatItRead,
        CountsInALoop,
        CountsUpAndDownInALoop,
        MarksItselfAroundALoop,
        QueuesWork,
        FillsWords,
    }

    /// <summary>Frames exit while their bit is set; the vCPU thread changes a word that the ioctl changes
    /// too.</summary>
    private sealed class FailingIoctlEncoding(FailingIoctl does) : Encoding
    {
        public static Region Bitmap => new(0);

        /// <summary>Bit 0 is the vCPU thread's.</summary>
        public static Region Word => new(1);

        public override EncodingDescription Description => new()
        {
            Id = "failing-ioctl",
            FullName = "failing-ioctl",
            Summary = "An ioctl that always fails.",
            Origin = "A test.",
            BitsPerGfn = 1,
            States = ["present", "fault"],
            Ioctls = [new("TEST_FAIL", 0xd0, "W", "", TakesVcpuMutex: false, [(Errno.Invalid, "always")], "Fails.")],
        };

        public override IReadOnlyList<RegionSpec> Regions =>
        [
            new("bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "1 = a fault exits.")
                { Holds = WordKind.Number },
            new("word", RegionOwner.KvmPrivate, RegionScope.PerVm, 64, 1, "Of both.") { Holds = WordKind.Number },
        ];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>(does);

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>();

        private sealed class Kvm<TKvm>(FailingIoctl does) : IKvmHalf<TKvm>
            where TKvm : struct, IKvm
        {
            private const ulong Mine = 2;
            private const ulong MinusMine = ulong.MaxValue - 1;

            private readonly FailingIoctl _does = does;

            public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
            {
                kvm.FetchOr(Word, 0, 1);
                return kvm.Load(Bitmap, fault.Gfn.Value / 64) == 0 ? FaultAnswer.Map : FaultAnswer.Exit(1);
            }

            public long OnIoctl(TKvm kvm, IoctlCall call)
            {
                switch (_does)
                {
                    case FailingIoctl.StoresBlindly:
                        kvm.Store(Word, 0, Mine);
                        break;
                    case FailingIoctl.StoresTheSame:
                        kvm.Store(Bitmap, 0, kvm.Load(Bitmap, 0));
                        break;
                    case FailingIoctl.TakesBits:
                        kvm.FetchOr(Word, 0, Mine);
                        break;
                    case FailingIoctl.TakesBitsAndGivesThemBack:
                        kvm.FetchOr(Word, 0, Mine);
                        kvm.FetchAnd(Word, 0, ~Mine);
                        break;
                    case FailingIoctl.CountsUpAndDown:
                        kvm.FetchAdd(Word, 0, Mine);
                        kvm.FetchAdd(Word, 0, MinusMine);
                        break;
                    case FailingIoctl.WritesBackWhatItRead:
                        ulong word = kvm.Load(Bitmap, 0);
                        kvm.Store(Bitmap, 0, word ^ Mine);
                        kvm.Store(Bitmap, 0, word);
                        break;
                    case FailingIoctl.CountsInALoop:
                        Loop(kvm, Mine, 0);
                        break;
                    case FailingIoctl.CountsUpAndDownInALoop:
                        Loop(kvm, Mine, MinusMine);
                        break;
                    case FailingIoctl.MarksItselfAroundALoop:
                        kvm.FetchOr(Word, 0, 4);
                        Loop(kvm, Mine, MinusMine);
                        kvm.FetchAnd(Word, 0, ~4UL);
                        break;
                    case FailingIoctl.QueuesWork:
                        kvm.QueueWork(0);
                        break;
                    default:
                        kvm.Fill(Word, 0, 1, Mine);
                        break;
                }

                return Errno.Invalid.Negated();
            }

            private static void Loop(TKvm kvm, ulong add, ulong addThen)
            {
                for (ulong round = 0; ;)
                {
                    kvm.Checkpoint(0, ref round);
                    if (round == 2)
                    {
                        return;
                    }

                    kvm.FetchAdd(Word, 0, add);
                    kvm.FetchAdd(Word, 0, addThen);
                    round++;
                }
            }
        }

        private sealed class Vmm<TVmm> : IVmmHalf<TVmm>
            where TVmm : struct, IVmm
        {
            public void OnArm(TVmm vmm, ArmRequest request) => vmm.FetchOr(Bitmap, request.First.Value / 64, 1);

            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

            public void OnContentArrived(TVmm vmm, Gfn gfn) => vmm.FetchAnd(Bitmap, gfn.Value / 64, ~1UL);
        }
    }
}
