using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

public sealed class TraceWorkloadTests
{
    private static readonly AccessTrace s_trace = Trace(
        new("vcpu 0",
        [
            new(1_000, 0, TraceAccessFlags.None, -1),
            new(2_000, 1, TraceAccessFlags.Write, 50_000),
            new(3_000, 2, TraceAccessFlags.Kernel, 0),
            new(0, 0, TraceAccessFlags.None, -1),
        ], 4_000),
        new("vcpu 1",
        [
            new(500, 3, TraceAccessFlags.InFlight, 8_000),
            new(1_000_000, 1, TraceAccessFlags.None, 7),
        ], 0));

    [Fact]
    public void Each_traced_vcpu_is_one_task_in_program_order()
    {
        Assert.Equal(
            [
                new(1_000, 0, GuestStepFlags.None),
                new(2_000, 1, GuestStepFlags.Write),
                new(3_000, 2, GuestStepFlags.Kernel),
                new(0, 0, GuestStepFlags.None),
                new(4_000, 0, GuestStepFlags.NoAccess),
            ],
            Steps(new(s_trace, new() { Background = 2 }), task: 0));
        Assert.Equal(2, Steps(new(s_trace, new() { Background = 2 }), task: 3).Count);
    }

    [Fact]
    public void Background_tasks_compute_as_long_as_the_trace_of_their_vcpu_thinks()
    {
        var workload = new TraceWorkload(s_trace, new() { Background = 2 });

        Assert.Equal(3, workload.Config.TasksPerVcpu);
        Assert.All([1, 2], task => Assert.Equal(10_000, Steps(workload, task).Sum(s => s.ComputeNs)));
        Assert.All([4, 5], task => Assert.Equal(1_000_500, Steps(workload, task).Sum(s => s.ComputeNs)));
    }

    [Fact]
    public void Without_background_there_is_one_task_a_vcpu() =>
        Assert.Equal(1, new TraceWorkload(s_trace, new() { Background = 0 }).Config.TasksPerVcpu);

    [Theory]
    [InlineData(0, Disposition.Async)]
    [InlineData(1, Disposition.Async)]
    [InlineData(2, Disposition.Sync)]
    [InlineData(3, Disposition.InFlight)]
    public void The_trace_tells_where_content_is(ulong gfn, Disposition expected) =>
        Assert.Equal(expected, (Disposition)new TraceWorkload(s_trace, new()).Choose(1, ChoiceKind.Disposition, gfn));

    [Fact]
    public void Fetch_times_come_from_the_trace_where_it_tells_and_from_the_first_access_in_time()
    {
        var workload = new TraceWorkload(s_trace, new() { Fetch = Distribution.Constant(12_345) });

        Assert.Equal(12_345, workload.FetchNs(1, 0, Disposition.Async));
        Assert.Equal(50_000, workload.FetchNs(1, 1, Disposition.Async));
        Assert.Equal(8_000, workload.FetchNs(1, 3, Disposition.InFlight));
    }

    [Fact]
    public void Of_two_vcpus_the_one_that_came_first_decides_whatever_their_order()
    {
        var late = new VcpuTrace("late", [new(9_000, 0, TraceAccessFlags.None, 1)], 0);
        var early = new VcpuTrace("early", [new(10, 0, TraceAccessFlags.InFlight, 70_000)], 0);

        Assert.Equal(70_000, new TraceWorkload(Trace(late, early), new()).FetchNs(1, 0, Disposition.InFlight));
        Assert.Equal(70_000, new TraceWorkload(Trace(early, late), new()).FetchNs(1, 0, Disposition.InFlight));
    }

    [Theory]
    [InlineData(1_000u, Prediction.Async, Prediction.Sync, Prediction.SoonThere)]
    [InlineData(0u, Prediction.Sync, Prediction.Async, Prediction.Async)]
    public void Predictions_are_right_or_wrong_as_asked(uint permille, Prediction first, Prediction local,
        Prediction inFlight)
    {
        var workload = new TraceWorkload(s_trace, new() { PredictPermille = permille });

        Assert.Equal(first, (Prediction)workload.Choose(1, ChoiceKind.ArmPrediction, 0));
        Assert.Equal(local, (Prediction)workload.Choose(1, ChoiceKind.ArmPrediction, 2));
        Assert.Equal(inFlight, (Prediction)workload.Choose(1, ChoiceKind.ArmPrediction, 3));
    }

    [Fact]
    public void Every_encoding_replays_it_to_the_end()
    {
        var registry = new EncodingRegistry(BuiltInEncodings.All);
        foreach (var encoding in registry.Families.SelectMany(registry.EveryVariant))
        {
            using var simulator = new Simulator(encoding, new TraceWorkload(s_trace, new()), CostTable.Default,
                seed: 1);

            var result = simulator.Run();

            Assert.Equal(0, simulator.Machine.LiveVcpus);
            Assert.InRange(result.Faults, 4, 5);
        }
    }

    [Fact]
    public void Options_are_read_and_named()
    {
        var options = TraceWorkloadOptions.Parse("fetch=exp(30us,cap=1ms),background=0,policy=resolve");

        Assert.Equal("trace:a.log:background=0,fetch=exp(30us,cap=1ms),policy=resolve",
            new TraceWorkload(s_trace, options).Name);
        Assert.Equal("trace:a.log", new TraceWorkload(s_trace, TraceWorkloadOptions.Parse("")).Name);
        Assert.Equal(
            "backgruond=1: unknown option of trace 'backgruond', did you mean 'background'? expected one of "
                + "background, fetch, predict, io, policy",
            Assert.Throws<InputException>(() => TraceWorkloadOptions.Parse("backgruond=1")).Message);
    }

    [Fact]
    public void Too_many_vcpus_are_rejected()
    {
        var vcpu = new VcpuTrace("v", [new(0, 0, TraceAccessFlags.None, -1)], 0);

        Assert.Equal(
            "a.log: the trace has 4096 vCPUs, expected at most 4095",
            Assert.Throws<InputException>(
                () => new TraceWorkload(Trace([.. Enumerable.Repeat(vcpu, 4_096)]), new())).Message);
    }

    private static AccessTrace Trace(params VcpuTrace[] vcpus) =>
        new("a.log", "test", vcpus, vcpus.Max(v => v.Accesses.Max(a => a.Gfn)) + 1, [], new Dictionary<string, long>());

    private static List<GuestStep> Steps(TraceWorkload workload, int task)
    {
        var steps = new List<GuestStep>();
        while (workload.Program(1).TryStep(task, steps.Count, out var step))
        {
            steps.Add(step);
        }

        return steps;
    }
}
