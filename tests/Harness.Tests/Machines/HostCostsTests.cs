using UapiLab.Encodings;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Where the prices that tell hosts apart are charged.</summary>
public sealed class HostCostsTests
{
    private const long Dear = 1_000_000;
    private const string ResolvedAtOnce = "all-sync:vcpus=1,pages=50,policy=resolve";
    private const string Waiting =
        "mixed:vcpus=1,tasks=1,cpu-tasks=0,pages=50,sync=0,cpl0=0,policy=reenter,fetch=100us";
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Fact]
    public void Each_ready_interrupt_has_one_eoi()
    {
        var run = Run("single-bit", ResolvedAtOnce);

        Assert.Equal(run.ReadyIrqs * Dear, More(Cost.Eoi, "single-bit", ResolvedAtOnce));
        Assert.True(run.ReadyIrqs > 0);
    }

    [Fact]
    public void A_ready_that_finds_interrupts_off_waits_for_a_window()
    {
        var run = Run("single-bit", ResolvedAtOnce);

        Assert.True(run.BackToBackApf > 0);
        Assert.Equal(run.BackToBackApf * Dear, More(Cost.IrqWindow, "single-bit", ResolvedAtOnce));
    }

    [Fact]
    public void A_ready_that_kicks_the_vcpu_exits_on_every_host_and_needs_no_window()
    {
        const string Computing = "mixed-threads:vcpus=1,pages=20,fetch=100us,cpl0=0,policy=reenter";
        var run = Run("single-bit", Computing);

        Assert.Equal(0, run.BackToBackApf);
        Assert.Equal(0, More(Cost.IrqWindow, "single-bit", Computing));
        Assert.True(More(Cost.VmExit, "single-bit", Computing) >= run.ReadyIrqs * Dear);
    }

    [Fact]
    public void A_halt_of_the_guest_polls_and_what_it_polls_away_is_counted()
    {
        var run = Run("single-bit", Waiting);
        var asleep = Run("single-bit", Waiting, CostTable.Default.With(Cost.HaltPoll, 0));

        Assert.True(run.UselessApf > 40); // nothing else runs: the guest halts
        Assert.Equal(0, asleep.HaltPolledNs);
        Assert.True(run.HaltPolledNs > 40 * 50_000);
        Assert.InRange(asleep.ElapsedNs - run.ElapsedNs, 40 * CostTable.Default[Cost.ThreadWake].Ns, long.MaxValue);
    }

    [Fact]
    public void An_apf_halt_never_polls()
    {
        const string Halting = Waiting + ",guest-apf=off";
        var run = Run("async-hint:inject=at-fault", Halting);

        Assert.True(run.ApfHalts > 40);
        Assert.Equal(0, run.HaltPolledNs);
        Assert.Equal(run.ElapsedNs,
            Run("async-hint:inject=at-fault", Halting, CostTable.Default.With(Cost.HaltPoll, 0)).ElapsedNs);
    }

    [Fact]
    public void A_word_that_one_thread_alone_uses_never_changes_caches()
    {
        Assert.Equal(0, More(Cost.LineTransfer, "single-bit", ResolvedAtOnce));
        Assert.True(More(Cost.LineTransfer, "single-bit", Waiting) > 0);
    }

    [Fact]
    public void Small_pages_slow_computing_and_nothing_else()
    {
        const string Thinking = "all-sync:vcpus=1,tasks=1,pages=50,think=1ms,guest-apf=off,policy=resolve";

        Assert.Equal(50 * 100_000, More(Cost.SmallPages, "never-async", Thinking, by: 100));
    }

    private static long More(Cost cost, string encoding, string workload, long by = Dear)
    {
        var table = CostTable.Default;
        return Run(encoding, workload, table.With(cost, table[cost].Ns + by)).ElapsedNs
            - Run(encoding, workload, table).ElapsedNs;
    }

    private static RunResult Run(string encoding, string workload, CostTable? costs = null)
    {
        using var simulator = new Simulator(s_registry.Resolve(encoding), WorkloadCatalog.BuiltIn.Resolve(workload),
            costs ?? CostTable.Default, seed: 1);
        return simulator.Run();
    }
}
