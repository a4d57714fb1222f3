using UapiLab.Encodings;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using Xunit;

namespace UapiLab.Harness.Tests.Simulation;

public sealed class CoresTests
{
    /// <summary>Of the scheduler on one core.</summary>
    private const long Slice = 700_000;

    [Fact]
    public void Who_comes_first_runs_first_once_the_core_is_free()
    {
        var cores = new Cores(1, 3);

        Assert.Equal(10, cores.Take(0, 10));
        Assert.Null(cores.Take(1, 20));
        Assert.Null(cores.Take(2, 30));
        Assert.Equal((1, 100), cores.Release(0, 100));
        Assert.Equal(100, cores.Take(1, 50)); // it has the core, from then on
        Assert.Equal((2, 150), cores.Release(1, 150));
        Assert.Null(cores.Release(2, 200));
        Assert.Equal(80 + 120, cores.WaitedNs);
    }

    [Fact]
    public void A_core_that_is_free_later_is_taken_from_then_on()
    {
        var cores = new Cores(2, 3);
        cores.Take(0, 0);
        cores.Take(1, 0);
        cores.Release(0, 90);
        cores.Release(1, 70);

        Assert.Equal(70, cores.Take(2, 60));
        Assert.Equal(10, cores.WaitedNs);
    }

    [Fact]
    public void A_slice_is_over_only_if_another_waits()
    {
        var cores = new Cores(1, 2);
        cores.Take(0, 0);
        Assert.False(cores.IsOver(0, Slice));

        cores.Take(1, 5);
        Assert.True(cores.IsWaiting(1));
        Assert.False(cores.IsOver(0, Slice - 1));
        Assert.True(cores.IsOver(0, Slice));
        Assert.Equal((1, Slice), cores.Release(0, Slice));
        Assert.False(cores.IsWaiting(1));
    }

    [Fact]
    public void Slices_are_longer_with_more_cores()
    {
        var cores = new Cores(4, 5);
        for (var thread = 0; thread < 5; thread++)
        {
            cores.Take(thread, 0);
        }

        Assert.False(cores.IsOver(0, (3 * Slice) - 1));
        Assert.True(cores.IsOver(0, 3 * Slice));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    [InlineData(64, 1)]
    public void Four_vcpus_that_compute_take_as_long_as_there_are_cores_for_them(int cpus, int times)
    {
        const long work = 40_000_000;
        using var simulator = new Simulator(Encoding("never-async"), new SyntheticWorkload("compute", new()
        {
            Vcpus = 4,
            MemoryTasks = 0,
            CpuTasks = 1,
            CpuWorkNs = work,
            Pages = 0,
        }), HostProfile.Default.Costs, seed: 1)
        { Cpus = cpus };
        var run = simulator.Run();

        Assert.InRange(run.ElapsedNs, times * work, (times * work) + (work / 10));
        Assert.Equal(times > 1, simulator.WaitedForCoreNs > 0);
    }

    [Theory]
    [InlineData("kernel-apf")]
    [InlineData("single-bit")]
    [InlineData("async-hint")]
    [InlineData("exitless")]
    public void A_core_for_each_thread_changes_nothing_and_one_core_costs_time_alone(string encoding)
    {
        var (none, _) = Run(encoding, 0);
        var (many, waitedOfMany) = Run(encoding, 64);
        var (one, waitedOfOne) = Run(encoding, 1);

        Assert.Equal(none.ElapsedNs, many.ElapsedNs);
        Assert.Equal(none.LatencyCounts, many.LatencyCounts);
        Assert.Equal(none.Steps, many.Steps);
        Assert.Equal(0, waitedOfMany);
        Assert.True(waitedOfOne > 0);
        Assert.True(one.ElapsedNs > none.ElapsedNs);
        Assert.Equal(none.Faults, one.Faults);
        Assert.False(one.HasViolation);
    }

    private static Abstractions.Encoding Encoding(string name) =>
        new EncodingRegistry(BuiltInEncodings.All).Resolve(name);

    private static (RunResult Run, long Waited) Run(string encoding, int cpus)
    {
        using var simulator = new Simulator(Encoding(encoding), new SyntheticWorkload("touch", new()
        {
            Vcpus = 2,
            MemoryTasks = 3,
            CpuTasks = 1,
            CpuWorkNs = 3_000_000,
            Pages = 60,
            IoThreads = 2,
            GuestApf = true,
            SyncPermille = 300,
            Fetch = Distribution.Constant(120_000),
        }), HostProfile.Default.Costs, seed: 3)
        { Cpus = cpus };
        return (simulator.Run(), simulator.WaitedForCoreNs);
    }
}
