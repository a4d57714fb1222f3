using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab;

/// <summary>A run of the simulator, event by event, as a history to be looked at.</summary>
public static class SimulatedHistory
{
    /// <summary>Events beyond these are counted and not told.</summary>
    public const int MostEvents = 100_000;

    /// <summary>Runs once.</summary>
    /// <param name="encoding">The encoding.</param>
    /// <param name="workload">What the guest does, and the VMM's policy.</param>
    /// <param name="costs">The prices.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Machines.Execution.EncodingDefectException">The encoding breaks the contract.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static (History History, RunResult Result) Of(Encoding encoding, Workload workload, CostTable costs,
        ulong seed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(costs);
        var recorder = new Recorder();
        using var simulator = new Simulator(encoding, workload, costs, seed)
        {
            Observer = recorder,
            Cancellation = cancellation,
        };
        recorder.Machine = simulator.Machine;
        var result = simulator.Run();
        return (new()
        {
            Property = $"{encoding.Description.FullName} on {workload.Name}",
            PropertyDoc = "A run of the simulator; a step is an event, with its virtual time.",
            Outcome = Outcome(result),
            Encoding = encoding.Description.FullName,
            EncodingVersion = LayoutDigest.Of(encoding),
            MachineVersion = HistoryBuilder.MachineVersion,
            Instance =
            [
                new("workload", workload.Name),
                new("policy", workload.Config.Policy.ToString()),
                new("seed", Invariant($"{seed}")),
                new("events", Invariant($"{recorder.Events}")),
                new("told", Invariant($"{recorder.Steps.Count}")),
            ],
            Lanes = MachineLanes.All(simulator.Machine),
            Steps = recorder.Steps,
            IsGood = !result.HasViolation,
        }, result);
    }

    private static string Outcome(RunResult result) =>
        Invariant($"{result.Faults} faults in {result.ElapsedNs / 1_000m:0.###} us, {result.Exits} exits, ")
        + Invariant($"{result.NotPresentInjected} page-not-presents, {result.BackToBackApf} of them back to back ")
        + "with their page-ready.";

    /// <summary>A step for each event, in the lane of the actor that takes it.</summary>
    private sealed class Recorder : IMachineObserver
    {
        public Machine? Machine { get; set; }

        public List<HistoryStep> Steps { get; } = [];

        public long Events { get; private set; }

        public void On(in MachineEvent e)
        {
            if (Machine is not { } machine || e.Kind == MachineEventKind.PropertyShown)
            {
                return;
            }

            Events++;
            if (Steps.Count < MostEvents)
            {
                var (actor, name) = (machine.CurrentActor, MachineEvents.Describe(e, machine.Config.FirstGfn));
                Steps.Add(new(Steps.Count + 1, new(StepKind.Step, actor, []), actor, Words(machine, actor, name), null,
                    null, [], [name, Invariant($"at {machine.Clock.Now / 1_000m:0.000} us")]));
            }
        }

        /// <summary>An event of a vCPU thread is the guest's, KVM's or the VMM's, as its name says.</summary>
        private static string Words(Machine machine, int actor, string name) =>
            actor >= machine.Config.Vcpus || name.StartsWith("guest", StringComparison.Ordinal) ? name
            : (name.StartsWith("kvm", StringComparison.Ordinal) ? "KVM: " : "VMM: ") + name;
    }
}
