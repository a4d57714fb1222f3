using UapiLab.Abstractions;
using UapiLab.Cli.Live;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live.Emulation;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Tests;

/// <summary>The halves of an encoding on real threads. No time is asserted, only that a run ends.</summary>
public sealed class EmulatedTests
{
    private const ulong Odd = 3;

    private static readonly EncodingRegistry s_encodings = new(BuiltInEncodings.All);

    public static TheoryData<string> Bitmaps => [.. s_encodings.Families.SelectMany(s_encodings.EveryVariant)
        .Where(e => e.Description.Interception == Interception.Memslot).Select(e => e.Description.FullName)];

    [Theory]
    [MemberData(nameof(Bitmaps))]
    public void Every_encoding_with_a_bitmap_runs_and_wakes_everybody(string name)
    {
        foreach (var fetchNs in (long[])[0, 200_000])
        {
            var run = Run(s_encodings.Resolve(name), fetchNs);

            Assert.Null(run.Wrong);
            Assert.Equal(48, run.Result.Faults);
            Assert.Null(Run(s_encodings.Resolve(name), fetchNs, isShared: true).Wrong);
        }
    }

    [Fact]
    public void A_half_that_forgets_to_answer_leaves_a_task_asleep()
    {
        var run = Run(new Spoilt(s_encodings.Resolve("single-bit"), Spoil.ForgetsToAnswer), 200_000);

        Assert.Equal("loses a wake-up: a task of vCPU 0 sleeps for page 3, which is there", run.Wrong);
    }

    [Fact]
    public void A_page_that_is_never_published_is_faulted_for_again_and_again()
    {
        var run = Run(new Spoilt(s_encodings.Resolve("never-async"), Spoil.ForgetsToAnswer), 0);

        Assert.Equal("loses a wake-up: vCPU 0 faults for page 3 again and again", run.Wrong);
    }

    [Fact]
    public void A_page_that_KVM_maps_too_early_is_read_without_its_content()
    {
        var run = Run(new Spoilt(s_encodings.Resolve("single-bit"), Spoil.MapsAtOnce), 200_000);

        Assert.Equal("has the guest read 1 pages that nobody had placed", run.Wrong);
    }

    [Fact]
    public void A_half_that_waits_for_a_lock_which_nobody_releases_is_seen_to_wait()
    {
        var run = Run(new Spoilt(s_encodings.Resolve("single-bit"), Spoil.KeepsALock), 200_000);

        Assert.StartsWith("loses a wake-up: ", run.Wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_loses_a_wake_up_is_named_with_what_was_run()
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        var subject = new LiveEmulated(new Spoilt(s_encodings.Resolve("single-bit"), Spoil.ForgetsToAnswer));
        var failed = Assert.Throws<LiveFailedException>(() => subject.Measured(new(new([0], [0])),
            new("single-bit", "1, 1ms", 4, 1_000_000, Vcpus: 1), Request(), TestContext.Current.CancellationToken));

        Assert.Equal("single-bit loses a wake-up: a task of vCPU 0 sleeps for page 3, which is there; vCPUs and fetch: "
            + "1, 1ms (KVM emulated in userspace)", failed.Message);
    }

    [Fact]
    public async Task A_plugin_that_forgets_READY_is_one_line_and_exit_1()
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        using var line = new CommandLine();
        Assert.Equal(0, (await CommandLine.Run("new", line.Path("my-idea"))).Exit);
        var file = line.Path("my-idea/MyIdea.cs");
        const string Ready = "vmm.Ioctl(waiter.Vcpu, Words.Ready, new IoctlArgument(waiter.Cookie));";
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.Contains(Ready, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(Ready, "", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        var outcome = await CommandLine.Run("live", "my-idea", "--plugin", file, "--pages", "4", "--runs", "1");

        Assert.Equal((1, ""), (outcome.Exit, outcome.Out));
        Assert.StartsWith("uapilab: live: my-idea loses a wake-up: ", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Its_counts_stand_beside_the_simulators_and_every_line_says_that_KVM_is_emulated()
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        var outcome = await CommandLine.Run("live", "single-bit", "--pages", "10", "--runs", "2");
        var lines = outcome.Out.TrimEnd().Split('\n');
        var table = lines[(Array.IndexOf(lines, "") + 1)..];

        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        Assert.StartsWith("With KVM emulated in userspace, the halves of single-bit ran side by side ", outcome.Out,
            StringComparison.Ordinal);
        Assert.All(table, line => Assert.Contains("  KVM emulated", line, StringComparison.Ordinal));
        Assert.Contains(table, line => line.EndsWith(
            " 1, 1ms  not-presents         40         40   1.00  KVM emulated, determined", StringComparison.Ordinal));
        Assert.Contains(table, line => line.StartsWith("2 shared, 1ms  exits ", StringComparison.Ordinal)
            && line.EndsWith("KVM emulated", StringComparison.Ordinal));
    }

    [Fact]
    public void A_count_that_the_prices_decide_on_is_not_held_to_the_simulator()
    {
        var costs = Harness.Simulation.HostProfile.Default.Costs;
        IReadOnlyList<LiveMetric> Of(string name, long fetchNs)
        {
            var subject = new LiveEmulated(s_encodings.Resolve(name));
            return subject.Row(s_encodings, costs, cpus: 0, new(name, name, 4, fetchNs, Vcpus: 1), measured: null,
                request: Request(), cancellation: TestContext.Current.CancellationToken).Metrics;
        }

        Assert.All(Of("single-bit", 0).Where(m => !m.IsTime), m => Assert.True(m.IsDetermined, m.Name));
        Assert.Contains(Of("oracle", 20_000), m => m is { Name: "not-presents", IsDetermined: false });
    }

    [Fact]
    public void One_run_that_differs_is_said_whatever_the_median_is()
    {
        LiveFigures Run(double exits) => new([exits]);
        LiveRow row = new(new("e", "1, 0ns", 4, 0, 1), [new("exits", IsTime: false, IsDetermined: true)],
            LiveFigures.Medians([Run(40), Run(41), Run(40)]), Run(40));

        Assert.Equal(40, row.Measured!.Values[0]);
        Assert.Equal(41, row.Differs(0));
    }

    /// <summary>With the defaults of every option.</summary>
    private static LiveRequest Request() => new(new(new System.CommandLine.Command("live")));

    private static EmulatedRun Run(Encoding encoding, long fetchNs, bool isShared = false)
    {
        Assert.SkipUnless(Userfaultfd.Complaint() is null, "no userfaultfd here");
        return EmulatedRun.Of(encoding, new SyntheticWorkload("touch", new()
        {
            Vcpus = 2,
            MemoryTasks = 3,
            Pages = 8,
            Shared = isShared,
            IoThreads = 2,
            Think = Distribution.Constant(0),
            Local = Distribution.Constant(0),
            Cpl0Permille = 0,
            SyncPermille = fetchNs == 0 ? 1_000u : 0,
            Fetch = Distribution.Constant(fetchNs),
            Policy = new(PolicyKind.WaitThenHandOff),
        }), TestContext.Current.CancellationToken);
    }

    private enum Spoil
    {
        ForgetsToAnswer, MapsAtOnce, KeepsALock,
    }

    /// <summary>An encoding that goes wrong with one page.</summary>
    private sealed class Spoilt(Encoding inner, Spoil how) : Encoding
    {
        public override EncodingDescription Description => inner.Description;

        public override IReadOnlyList<RegionSpec> Regions => inner.Regions;

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new SpoiltKvm<TKvm>(inner.KvmHalf<TKvm>(), how);

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new SpoiltVmm<TVmm>(inner.VmmHalf<TVmm>(), how);
    }

    private sealed class SpoiltKvm<TKvm>(IKvmHalf<TKvm> inner, Spoil how) : IKvmHalf<TKvm>
        where TKvm : struct, IKvm
    {
        public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
        {
            if (fault.Gfn.Value == Odd && how == Spoil.MapsAtOnce)
            {
                return FaultAnswer.Map;
            }

            if (fault.Gfn.Value == Odd && how == Spoil.KeepsALock)
            {
                kvm.Lock(KvmLock.Apf, fault.Vcpu);
            }

            return inner.OnGuestFault(kvm, fault);
        }

        public RunAnswer OnRun(TKvm kvm, RunEntry entry) => inner.OnRun(kvm, entry);

        public void OnRunReturn(TKvm kvm, int vcpu) => inner.OnRunReturn(kvm, vcpu);

        public long OnIoctl(TKvm kvm, IoctlCall call) => inner.OnIoctl(kvm, call);

        public void OnEventfd(TKvm kvm, int eventfd) => inner.OnEventfd(kvm, eventfd);

        public void OnWork(TKvm kvm, ulong argument) => inner.OnWork(kvm, argument);

        public void OnBeforeHalt(TKvm kvm, int vcpu) => inner.OnBeforeHalt(kvm, vcpu);

        public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => inner.OnApfDelivered(kvm, vcpu, apf);
    }

    private sealed class SpoiltVmm<TVmm>(IVmmHalf<TVmm> inner, Spoil how) : IVmmHalf<TVmm>
        where TVmm : struct, IVmm
    {
        public void OnArm(TVmm vmm, ArmRequest request) => inner.OnArm(vmm, request);

        public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => inner.OnExit(vmm, exit, wanted);

        public void OnContentArrived(TVmm vmm, Gfn gfn)
        {
            if (gfn.Value != Odd || how != Spoil.ForgetsToAnswer)
            {
                inner.OnContentArrived(vmm, gfn);
            }
        }

        public void OnFetchStarted(TVmm vmm, FetchStart start) => inner.OnFetchStarted(vmm, start);

        public void OnVcpuCreated(TVmm vmm, int vcpu) => inner.OnVcpuCreated(vmm, vcpu);

        public void OnEventfd(TVmm vmm, int eventfd) => inner.OnEventfd(vmm, eventfd);
    }
}
