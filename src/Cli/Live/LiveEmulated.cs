using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live;
using UapiLab.Live.Emulation;

namespace UapiLab.Cli.Live;

/// <summary>The halves of an encoding on threads, with what is KVM's around them done by the machine in userspace. The
/// guest's tasks are threads as well, which fault on pages that are missing.</summary>
internal sealed class LiveEmulated(Encoding encoding) : LiveSubject
{
    /// <summary>A price at which whatever it is of comes last.</summary>
    private const long LongNs = 10_000_000;

    private const int IoThreads = 2;

    private static readonly int[] s_vcpus = [1, 2];

    private static readonly long[] s_fetchesNs = [0, 1_000_000];

    public override string Encoding => encoding.Description.FullName;

    public override IReadOnlyList<Need> Needs => [Need.Userfaultfd];

    public override string Column => "vCPUs";

    public override string Kvm => "emulated";

    public override IReadOnlyList<LiveMetric> Metrics { get; } =
    [
        new("elapsed"), Count("faults"), Count("exits"), Count("not-presents"), Count("readies"), Count("APF halts"),
        new("latency p50"), new("latency p90"), new("no core for"),
    ];

    public override IEnumerable<LiveCase> Cases(LiveRequest request) =>
        from fetch in request.FetchesNs ?? s_fetchesNs
        from vcpus in s_vcpus
        select new LiveCase(Encoding, Invariant($"{vcpus}, {Durations.Format(fetch)}"), vcpus * request.Tasks, fetch,
            vcpus);

    public override LiveFigures Measured(Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation)
    {
        var run = Run(what, request, cancellation);
        return run.Wrong is { } wrong ? throw Failed(what, wrong) : Figures(run.Result, run.WaitedNs);
    }

    /// <summary>A count is determined where the simulator counts the same whatever is slow.</summary>
    public override LiveRow Row(EncodingRegistry encodings, CostTable costs, LiveCase what, LiveFigures? measured,
        LiveRequest request, CancellationToken cancellation)
    {
        LiveFigures At(CostTable prices) => Simulated(encoding, prices, what, request, cancellation);
        var simulated = At(costs);
        LiveFigures[] others = [.. Enum.GetValues<Cost>().AsParallel().Select(cost => At(costs.With(cost, LongNs)))];
        return new(what, [.. Metrics.Select((metric, i) => metric with
        {
            IsDetermined = metric.IsDetermined && others.All(o => o.Values[i] == simulated.Values[i]),
        })], measured, simulated);
    }

    public override IEnumerable<string> Answer(IReadOnlyList<LiveRow> rows, Host? host)
    {
        const string Emulated = "With KVM emulated in userspace";
        if (host is null)
        {
            yield return $"Predicted, and not measured: {Encoding} on threads. {Emulated} is what it would be run.";
            yield break;
        }

        var differing = rows.SelectMany(r => r.Differing.Select(i =>
            Invariant($"{r.Differs(i):0} {r.Metrics[i].Name} where the model has {r.Simulated.Values[i]:0} ")
            + $"({r.What.Label})")).ToArray();
        yield return $"{Emulated}, " + (differing.Length == 0
            ? $"the halves of {Encoding} ran side by side on real threads and lost no wake-up, and every count that "
                + "the protocol determines is the simulator's"
            : $"counts of {Encoding} on real threads are not the simulator's: {string.Join("; ", differing)}")
            + $", on {host.Text}.";
        yield return "There was no exit and no EPT: what KVM and the VMM's policy do around the halves was done by the "
            + "model's own code. So the run tests the halves and their words, says nothing of KVM, and its times are "
            + "those of the emulation. TLBs, re-arming, write tracking, signals and resets were left out.";
        var cores = host.Cpus.Cores.Count;
        yield return Invariant($"There are {cores} cores for up to {rows.Max(r => r.What.Threads + r.What.Vcpus)} ")
            + Invariant($"threads of the guest and {IoThreads} that place pages; the model has one for each vCPU.");
    }

    protected override Workload Workload(LiveCase what, LiveRequest request) =>
        Touch(what.Vcpus, request.Tasks, request.Pages, what.FetchNs, IoThreads,
            new(PolicyKind.WaitThenHandOff));

    /// <summary>Threads of the model never wait for a core.</summary>
    protected override LiveFigures Simulated(RunResult run, CostTable costs) => Figures(run, waitedNs: 0);

    private static LiveFigures Figures(RunResult run, double waitedNs) =>
        new([run.ElapsedNs, run.Faults, run.Exits, run.NotPresentInjected, run.ReadyIrqs, run.ApfHalts,
            run.LatencyP50Ns, run.LatencyP90Ns, waitedNs]);

    private static LiveMetric Count(string name) => new(name, IsTime: false, IsDetermined: true);

    private EmulatedRun Run(LiveCase what, LiveRequest request, CancellationToken cancellation)
    {
        try
        {
            return EmulatedRun.Of(encoding, Workload(what, request), cancellation);
        }
        catch (EncodingDefectException e)
        {
            throw Failed(what, $"breaks the contract: {e.Message}");
        }
    }

    private LiveFailedException Failed(LiveCase what, string how) =>
        new($"{Encoding}, with {what.Vcpus} vCPUs and a fetch of {Durations.Format(what.FetchNs)}, {how} "
            + "(KVM emulated in userspace)");
}
