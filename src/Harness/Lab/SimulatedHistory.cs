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
        simulator.Activated = (actor, _, _) => recorder.OnPause(actor);
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
            Steps = recorder.Timed(),
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
        private static readonly string[] s_ofKvm =
        [
            "kvm", "apf_", "injection_refused", "not_present_dropped", "page_mapped", "ready_without_page",
            "spurious_tlb_fault",
        ];

        /// <summary>When each step ended, as far as it is known.</summary>
        private readonly List<long> _ends = [];

        /// <summary>The step of each actor that goes on, by its position.</summary>
        private readonly Dictionary<int, int> _open = [];

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
            var (actor, now) = (machine.CurrentActor, machine.Clock.Now);
            End(actor, now, isOver: true);
            if (Steps.Count < MostEvents)
            {
                var name = MachineEvents.Describe(e, machine.Config.FirstGfn);
                _open[actor] = Steps.Count;
                _ends.Add(now);
                Steps.Add(new(Steps.Count + 1, new(StepKind.Step, actor, []), actor, Words(machine, actor, name), null,
                    null, [], [name, Invariant($"at {now / 1_000m:0.000} us")])
                {
                    Time = (now, now),
                });
            }
        }

        /// <summary>The actor lets another run. If it sleeps, or is the device, which only waits, its step is
        /// over.</summary>
        public void OnPause(int actor) => End(actor, Machine!.Clock.Now,
            isOver: !Machine.IsRunnable(actor) || actor == Machine.DeviceActor);

        /// <summary>The steps, each until its actor took the next one or slept.</summary>
        public HistoryStep[] Timed() =>
            [.. Steps.Zip(_ends, (step, end) => step with { Time = (step.Time!.Value.FromNs, end) })];

        private void End(int actor, long now, bool isOver)
        {
            if (_open.TryGetValue(actor, out var at))
            {
                _ends[at] = now;
                if (isOver)
                {
                    _open.Remove(actor);
                }
            }
        }

        /// <summary>An event of a vCPU thread is the guest's, KVM's or the VMM's, as its name says.</summary>
        private static string Words(Machine machine, int actor, string name) =>
            actor >= machine.Config.Vcpus || Begins(name, "guest", "task_done") ? name
            : (Begins(name, s_ofKvm) ? "KVM: " : "VMM: ") + name;

        private static bool Begins(string name, params string[] any) =>
            any.Any(a => name.StartsWith(a, StringComparison.Ordinal));
    }
}
