using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>Threads of this process touch missing pages. A thread of the host takes no exit, and nothing is mapped for
/// a guest; its fault costs what KVM's does.</summary>
internal sealed class LiveUserfaultfd : LiveSubject
{
    /// <summary>Of the elapsed time of one thread and its reader, each on a core of its own.</summary>
    private const double Busy = 0.1;

    private const int Elapsed = 0;
    private const int Latency = 2;
    private const int Waited = 4;

    /// <summary>Of the threads that fault.</summary>
    private static readonly int[] s_threads = [1, 2, 4];

    public override string Encoding => "userfaultfd";

    public override string Kvm => "none";

    public override IReadOnlyList<Need> Needs => [Need.Userfaultfd];

    public override string Column => "threads";

    public override IReadOnlyList<LiveMetric> Metrics { get; } =
    [
        new("elapsed"), new("faults", IsTime: false, IsDetermined: true), new("latency p50"), new("latency p90"),
        new("no core for"),
    ];

    public override IEnumerable<LiveCase> Cases(LiveRequest request) =>
        from fetch in request.FetchesNs ?? [0]
        from threads in s_threads
        select new LiveCase(Encoding, Invariant($"{threads}")
            + (request.FetchesNs is null or [_] ? "" : $", {Durations.Format(fetch)}"), threads, fetch);

    /// <summary>The reader has the first core, the threads that fault share the others.</summary>
    public override LiveFigures Measured(Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation)
    {
        var others = host.Cpus.Cores.Count > 1 ? host.Cpus.Cores.Skip(1).ToArray() : [host.First];
        var run = UserfaultfdRun.Of(host.First,
            [.. Enumerable.Range(0, what.Threads).Select(i => others[i % others.Length])], request.Pages,
            what.FetchNs);
        return new([run.ElapsedNs, run.PlacingNs.Count, Timing.At(run.LatencyNs, 0.5), Timing.At(run.LatencyNs, 0.9),
            run.WaitedNs]);
    }

    public override IEnumerable<string> Answer(IReadOnlyList<LiveRow> rows, Host? host)
    {
        if (host is null)
        {
            yield return "Predicted, and not measured: a touch of a page over userfaultfd by each of several threads.";
            yield break;
        }

        string Touch(LiveRow row) => Text(row.Ratio(Latency));
        yield return $"The median touch of a page over userfaultfd takes {Touch(rows[0])} times what the simulator "
            + "predicts with one thread" + string.Concat(rows.Skip(1).Select(r => $", {Touch(r)} with {r.What.Label}"))
            + $", on {host.Text}.";
        if (rows[0].Measured!.Values is var one && one[Waited] > one[Elapsed] * Busy)
        {
            yield return "The machine is busy: threads have no core for more than a tenth of the elapsed time.";
        }
    }

    protected override Workload Workload(LiveCase what, LiveRequest request) =>
        Touch(what.Threads, tasks: 1, request.Pages, what.FetchNs);

    protected override CostTable PricesOf(CostTable costs) => costs.With(Cost.VmExit, 0).With(Cost.MapPage, 0);

    protected override LiveFigures Simulated(RunResult run, CostTable costs, long waitedForCoreNs) =>
        new([run.ElapsedNs, run.Faults, run.LatencyP50Ns, run.LatencyP90Ns, waitedForCoreNs]);
}
