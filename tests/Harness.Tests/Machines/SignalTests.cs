using UapiLab.Encodings;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Eventfds and work items of different vCPUs do not swallow each other.</summary>
public sealed class SignalTests
{
    [Fact]
    public void Each_signalled_eventfd_is_taken_up_once()
    {
        using var simulator = New();
        var eventfds = simulator.Machine.Eventfds;
        eventfds.Signal(0);
        eventfds.Signal(2);
        eventfds.Signal(2);
        Assert.True(eventfds.TryTakeSignalled(out var first, anyOrder: false));
        Assert.True(eventfds.TryTakeSignalled(out var second, anyOrder: false));
        Assert.False(eventfds.TryTakeSignalled(out _, anyOrder: false));
        Assert.Equal((0, 2), (first, second));
        Assert.Equal(2UL, eventfds.Read(2));
        Assert.Equal(0UL, eventfds.Read(2));
        Assert.Throws<EncodingDefectException>(() => eventfds.Signal(4));
    }

    [Fact]
    public void Work_items_keep_their_arguments_and_a_pending_one_is_not_queued_twice()
    {
        using var simulator = New();
        var work = simulator.Machine.Work;
        work.Queue(0);
        work.Queue(1);
        work.Queue(0);
        Assert.True(work.TryTake(out var first));
        Assert.True(work.TryTake(out var second));
        Assert.False(work.TryTake(out _));
        Assert.Equal((0UL, 1UL), (first, second));
    }

    private static Simulator New() => new(
        new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"),
            WorkloadCatalog.BuiltIn.Resolve("post-copy:vcpus=2,pages=2"), CostTable.Default, seed: 1);
}
