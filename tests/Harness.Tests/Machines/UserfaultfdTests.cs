using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>`userfaultfd` and `kernel-apf`, which catch missing pages below KVM.</summary>
public sealed class UserfaultfdTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    public static TheoryData<string, string> Everywhere => new(
        from encoding in new[] { "userfaultfd", "kernel-apf", "kernel-apf:source=swap" }
        from family in WorkloadCatalog.BuiltIn.All
        select (encoding, family.Id));

    [Theory]
    [MemberData(nameof(Everywhere))]
    public void Every_workload_ends_without_an_exit_or_a_broken_rule(string encoding, string workload)
    {
        var result = Run(encoding, WorkloadCatalog.BuiltIn.Resolve(workload));

        Assert.False(result.HasViolation);
        Assert.True(result.Faults > 0);
        Assert.Equal(0, result.Exits);
        Assert.Equal(0, result.SharedAccesses);
    }

    [Fact]
    public void The_policy_of_the_vmm_changes_nothing()
    {
        var workload = WorkloadCatalog.BuiltIn.Resolve("mixed");
        var resolve = Run("userfaultfd", workload.WithPolicy(new(PolicyKind.ResolveThenReenter)));
        var handOff = Run("userfaultfd", workload.WithPolicy(new(PolicyKind.ReenterThenResolve)));

        Assert.Equal(resolve.ElapsedNs, handOff.ElapsedNs);
        Assert.Equal(resolve.Steps, handOff.Steps);
    }

    [Fact]
    public void Threads_that_miss_the_same_page_share_a_message()
    {
        var issued = new List<ulong>();
        var shared =
            new SyntheticWorkload("shared",
                Touch(vcpus: 4, readers: 1) with
                {
                    Shared = true,
                    SyncPermille = 0,
                    Fetch = Distribution.Constant(50_000)
                });
        Run("userfaultfd", shared, e =>
        {
            if (e.Kind == MachineEventKind.FetchIssued)
            {
                issued.Add(e.Gfn);
            }
        });

        Assert.Equal(100, issued.Count);
        Assert.Distinct(issued);
    }

    [Fact]
    public void Only_kernel_apf_injects_and_rarely_for_a_page_that_is_there_by_then()
    {
        var workload = WorkloadCatalog.BuiltIn.Resolve("prefetch-race");

        Assert.Equal(0, Run("userfaultfd", workload).NotPresentInjected);
        var apf = Run("kernel-apf", workload);
        Assert.InRange(apf.LateApf, 1, apf.NotPresentInjected / 20); // rule K1: between look-up and injection
    }

    [Fact]
    public void With_a_reader_for_each_vcpu_throughput_falls_and_spinning_is_why()
    {
        Assert.True(PagesPerSecond(64, readers: 64, Default) < PagesPerSecond(8, readers: 8, Default));
        var calm = Default.With(Cost.UserfaultfdSpinner, 0);
        Assert.True(PagesPerSecond(64, readers: 64, calm) >= PagesPerSecond(8, readers: 8, calm));
    }

    [Fact]
    public void With_one_reader_throughput_stays_because_the_others_sleep()
    {
        var (few, many) = (PagesPerSecond(8, readers: 1, Default), PagesPerSecond(64, readers: 1, Default));

        Assert.InRange(many, few * 9 / 10, few * 11 / 10);
    }

    [Fact]
    public void Without_the_lock_nothing_is_in_the_way()
    {
        var free = Default.With(Cost.UserfaultfdLock, 0).With(Cost.UserfaultfdSpinner, 0);

        Assert.True(PagesPerSecond(64, readers: 64, free) > 30 * PagesPerSecond(1, readers: 1, free));
    }

    [Theory]
    [InlineData("userfaultfd", MemoryOrdering.Sc)]
    [InlineData("userfaultfd", MemoryOrdering.Tso)]
    [InlineData("userfaultfd", MemoryOrdering.Weak)]
    [InlineData("kernel-apf", MemoryOrdering.Sc)]
    [InlineData("kernel-apf", MemoryOrdering.Weak)]
    [InlineData("kernel-apf:source=swap", MemoryOrdering.Sc)]
    [InlineData("kernel-apf:source=swap", MemoryOrdering.Weak)]
    public void No_interleaving_breaks_anything(string spec, MemoryOrdering order)
    {
        var instance = order == MemoryOrdering.Weak
            ? CheckInstance.Quick with
            {
                Order = order,
                Prefetcher = false,
                Environment = new(),
                Modes = [GuestStepFlags.None]
            }
            : CheckInstance.Quick with { Order = order, Vcpus = spec == "userfaultfd" ? 2 : 1 };
        var outcome = Checker.Run(s_registry.Resolve(spec), instance, new() { StopAtFirst = false, Liveness = true });

        Assert.True(outcome.Result.IsExhausted);
        Assert.False(outcome.IsBroken);
    }

    private static CostTable Default => CostTable.Default;

    private static long PagesPerSecond(int vcpus, int readers, CostTable costs)
    {
        using var simulator = new Simulator(s_registry.Resolve("userfaultfd"),
            new SyntheticWorkload("touch", Touch(vcpus, readers)), costs, seed: 1);
        var run = simulator.Run();
        return run.Faults * 1_000_000_000 / run.ElapsedNs;
    }

    private static SyntheticParameters Touch(int vcpus, int readers) => new()
    {
        Vcpus = vcpus,
        IoThreads = readers,
        Pages = 100,
        Think = Distribution.Constant(0),
        Local = Distribution.Constant(0),
        SyncPermille = 1_000,
        GuestApf = false,
    };

    private static RunResult Run(string spec, Workload workload, Action<MachineEvent>? seen = null)
    {
        using var simulator = new Simulator(s_registry.Resolve(spec), workload, Default,
            seed: 1)
        { Observer = new Observer(seen) };
        return simulator.Run();
    }

    private sealed class Observer(Action<MachineEvent>? seen) : IMachineObserver
    {
        public void On(in MachineEvent e) => seen?.Invoke(e);
    }
}
