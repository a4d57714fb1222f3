using UapiLab.Cli.Published;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>What can be run live: how it is measured, and what is simulated beside it.</summary>
internal abstract class LiveSubject
{
    public static IReadOnlyList<LiveSubject> All { get; } = [new LiveUserfaultfd(), new LiveKernelApf()];

    public static LiveSubject Of(string encoding) => All.FirstOrDefault(s => s.Encoding == encoding) ?? All[0];

    public abstract string Encoding { get; }

    public abstract IReadOnlyList<Need> Needs { get; }

    public abstract IReadOnlyList<LiveMetric> Metrics { get; }

    /// <summary>What the first column of a table holds.</summary>
    public abstract string Column { get; }

    public abstract IEnumerable<LiveCase> Cases(LiveRequest request);

    /// <summary>Runs it once.</summary>
    public abstract LiveFigures Measured(Host host, LiveCase what, LiveRequest request);

    /// <param name="encodings">Where encodings are looked up.</param>
    /// <param name="costs">What things cost.</param>
    /// <param name="cpus">Cores; 0: one for each thread.</param>
    /// <param name="what">What is run.</param>
    /// <param name="request">How much of it.</param>
    /// <param name="cancellation">Ends it.</param>
    public LiveFigures Simulated(EncodingRegistry encodings, CostTable costs, int cpus, LiveCase what,
        LiveRequest request, CancellationToken cancellation)
    {
        using var simulator = new Simulator(encodings.Resolve(what.Encoding), Workload(what, request),
            PricesOf(costs), seed: 1)
        { Cancellation = cancellation, Cpus = cpus };
        return Simulated(simulator.Run(), costs, simulator.WaitedForCoreNs);
    }

    /// <summary>The answer, in sentences.</summary>
    public abstract IEnumerable<string> Answer(IReadOnlyList<LiveRow> rows, Host? host);

    protected abstract Workload Workload(LiveCase what, LiveRequest request);

    protected virtual CostTable PricesOf(CostTable costs) => costs;

    protected abstract LiveFigures Simulated(RunResult run, CostTable costs, long waitedForCoreNs);

    /// <summary>Tasks of one vCPU, or one of each of several, touch pages of their own.</summary>
    protected static SyntheticWorkload Touch(int vcpus, int tasks, long pages, long fetchNs) =>
        new("touch", PublishedPlan.Parameters(vcpus) with
        {
            MemoryTasks = tasks,
            Pages = pages,
            SyncPermille = fetchNs == 0 ? 1_000u : 0,
            Fetch = Distribution.Constant(fetchNs),
            GuestApf = true,
        });

    protected static string Text(double? ratio) => ratio is { } r ? Invariant($"{r:0.00}") : "-";
}
