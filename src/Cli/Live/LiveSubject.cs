using UapiLab.Abstractions;
using UapiLab.Cli.Published;
using UapiLab.Harness.Foundation;
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
    private static readonly LiveSubject[] s_onKernel = [new LiveUserfaultfd(), new LiveKernelApf(), new LiveSnapshot()];

    public static LiveSubject Of(EncodingRegistry encodings, string spec)
    {
        if (s_onKernel.FirstOrDefault(s => s.Encoding == spec) is { } subject)
        {
            return subject;
        }

        var encoding = encodings.Resolve(spec);
        return encoding.Description.Interception == Interception.Memslot ? new LiveEmulated(encoding)
            : throw new InputException($"live {spec}", "expected "
                + string.Join(", ", s_onKernel.Select(s => s.Encoding)) + ", or an encoding with a bitmap");
    }

    public abstract string Encoding { get; }

    /// <summary>Whose KVM it runs on: the host's, one that is emulated, or none.</summary>
    public abstract string Kvm { get; }

    public abstract IReadOnlyList<Need> Needs { get; }

    public abstract IReadOnlyList<LiveMetric> Metrics { get; }

    /// <summary>What the first column of a table holds.</summary>
    public abstract string Column { get; }

    public abstract IEnumerable<LiveCase> Cases(LiveRequest request);

    /// <summary>Runs it once; null where this host cannot.</summary>
    public abstract LiveFigures? Measured(Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation);

    /// <summary>Simulates it, and puts what was measured beside.</summary>
    /// <param name="encodings">Where encodings are looked up.</param>
    /// <param name="costs">What things cost.</param>
    /// <param name="cpus">Cores; 0: one for each thread.</param>
    /// <param name="what">What is run.</param>
    /// <param name="measured">Null where nothing was.</param>
    /// <param name="request">How much of it.</param>
    /// <param name="cancellation">Ends it.</param>
    public virtual LiveRow Row(EncodingRegistry encodings, CostTable costs, int cpus, LiveCase what,
        LiveFigures? measured, LiveRequest request, CancellationToken cancellation)
    {
        using var simulator = new Simulator(encodings.Resolve(what.Encoding), Workload(what, request),
            PricesOf(costs), seed: 1)
        { Cancellation = cancellation, Cpus = cpus };
        return new(what, Metrics, measured, Simulated(simulator.Run(), costs, simulator.WaitedForCoreNs));
    }

    /// <summary>The answer, in sentences.</summary>
    public abstract IEnumerable<string> Answer(IReadOnlyList<LiveRow> rows, Host? host);

    protected abstract Workload Workload(LiveCase what, LiveRequest request);

    protected virtual CostTable PricesOf(CostTable costs) => costs;

    protected abstract LiveFigures Simulated(RunResult run, CostTable costs, long waitedForCoreNs);

    /// <summary>Tasks of one vCPU, or one of each of several, touch pages of their own.</summary>
    protected static SyntheticWorkload Touch(int vcpus, int tasks, long pages, long fetchNs, int ioThreads = 1,
        VmmPolicy policy = default, bool shared = false) =>
        new("touch", PublishedPlan.Parameters(vcpus) with
        {
            IoThreads = ioThreads,
            Policy = policy,
            Shared = shared,
            MemoryTasks = tasks,
            Pages = pages,
            SyncPermille = fetchNs == 0 ? 1_000u : 0,
            Fetch = Distribution.Constant(fetchNs),
            GuestApf = true,
        });

    protected static string Text(double? ratio) => ratio is { } r ? Invariant($"{r:0.00}") : "-";
}
