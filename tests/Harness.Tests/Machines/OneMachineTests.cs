using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>
/// Every simulated run is a path of the machine that a checker explores: the schedule of a simulation is replayed one
/// micro-step at a time on a second machine, and both end in the same state, byte for byte.
/// </summary>
public sealed class OneMachineTests
{
    public static TheoryData<string, ulong> Runs
    {
        get
        {
            var data = new TheoryData<string, ulong>();
            foreach (var family in BuiltInEncodings.All)
            {
                data.Add(family.Id, 1);
                data.Add(family.Id, 2);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_simulated_run_is_a_path_of_single_steps(string id, ulong seed)
    {
        var family = BuiltInEncodings.All.Single(f => f.Id == id);
        var encoding = family.Create(new OptionValues(family.Options.ToDictionary(o => o.Name, o => o.Default)));
        var workload = new SyntheticWorkload("path", new SyntheticParameters
        {
            Vcpus = 3,
            MemoryTasks = 2,
            CpuTasks = 1,
            CpuWorkNs = 3_000_000,
            Pages = 40,
            Shared = true,
            SyncPermille = 300,
            InterceptPermille = 100,
            PredictPermille = 700,
            PrefetchDepth = 2,
            RearmIntervalNs = 400_000,
            RearmPages = 3,
            Fetch = Harness.Foundation.Determinism.Distribution.Exponential(60_000),
            Policy = new(PolicyKind.WaitThenHandOff, 5_000),
        });
        using var simulator = new Simulator(encoding, workload, CostTable.Default, seed);
        var schedule = new List<(int Actor, long Steps, bool TimedOut, BlockReason Then)>();
        simulator.Activated = (actor, steps, timedOut) =>
            schedule.Add((actor, steps, timedOut, simulator.Machine.Blocked(actor)));
        var record = new List<long>();
        simulator.Answered = record.Add;
        simulator.Run();

        var world = new Replayed(workload, seed, record);
        var clock = new StepClock { Horizon = long.MinValue };
        using var machine = new Machine(workload.Config, encoding, workload.Program(seed), world, world, world, clock);
        var singleSteps = 0L;
        foreach (var (actor, steps, timedOut, then) in schedule)
        {
            if (timedOut)
            {
                machine.TimeOut(actor);
            }

            world.Current = actor;
            for (var end = clock.Steps + steps; clock.Steps < end || machine.Blocked(actor) != then;)
            {
                machine.Step(actor);
                singleSteps++;
            }
        }

        Assert.True(singleSteps > schedule.Count);
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(simulator.Machine.Save())),
            Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(machine.Save())));
    }

    /// <summary>Answers what the clock answered in the simulation, in the same order.</summary>
    private sealed class Replayed(Workload workload, ulong seed, List<long> record)
        : IChoices, IDriver, IMachineObserver
    {
        private int _next;

        public int Current { get; set; }

        public int Choose(ChoiceKind kind, ulong key, int n) =>
            kind == ChoiceKind.FetchCompletes ? (int)record[_next++] : workload.Choose(seed, kind, key);

        public long ComputeUndone(int actor) => record[_next++];
        public long FetchRemaining(int fetch, ulong gfn, Disposition disposition) => record[_next++];
        public void On(in MachineEvent e) { }
    }
}
