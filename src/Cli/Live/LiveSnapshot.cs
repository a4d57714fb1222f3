using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live;
using UapiLab.Live.Os;

namespace UapiLab.Cli.Live;

/// <summary>Memory of a guest is restored from a snapshot in a file, over userfaultfd: the workload of that name with
/// one reader, by UFFDIO_COPY and by UFFDIO_CONTINUE. vCPUs are threads of this process, as in
/// <see cref="LiveUserfaultfd"/>.</summary>
internal sealed class LiveSnapshot : LiveSubject
{
    private const string Missing = "MISSING";
    private const string Minor = "MINOR";
    private const int PagesOfTask = 150;
    private const int Elapsed = 0;
    private const int Latency = 2;

    public override string Encoding => "snapshot-resume";

    public override string Kvm => "none";

    public override IReadOnlyList<Need> Needs => [Need.Userfaultfd];

    public override string Column => "by";

    public override IReadOnlyList<LiveMetric> Metrics { get; } =
    [
        new("elapsed"), new("faults", IsTime: false, IsDetermined: true), new("latency p50"), new("latency p90"),
        new("no core for"),
    ];

    public override IEnumerable<LiveCase> Cases(LiveRequest request)
    {
        if (request.FetchesNs is not null)
        {
            throw new InputException("--fetch", $"expected none: {Encoding} has fetch times of its own");
        }

        var config = Workload(request).Config;
        return ((string[])[Missing, Minor]).Select(how =>
            new LiveCase("userfaultfd", how, config.Vcpus * config.TasksPerVcpu, 0, config.Vcpus));
    }

    public override LiveFigures? Measured(Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation)
    {
        if (what.Label == Minor && Userfaultfd.Complaint(ofMinor: true) is not null)
        {
            return null;
        }

        var run = SnapshotRun.Of(host, Workload(request), what.Label == Minor);
        return run.Foreign > 0 ? throw new LiveFailedException(
                Invariant($"{Encoding} by {what.Label}: {run.Foreign} touches found what the file does not have"))
            : new([run.ElapsedNs, run.Faults, Timing.At(run.LatencyNs, 0.5), Timing.At(run.LatencyNs, 0.9),
                run.WaitedNs]);
    }

    public override IEnumerable<string> Answer(IReadOnlyList<LiveRow> rows, Host? host)
    {
        if (host is null)
        {
            yield return "Predicted, and not measured: memory that is restored from a file, over userfaultfd.";
            yield break;
        }

        var measured = rows.Where(r => r.Measured is not null).ToArray();
        yield return "Restored from a file over userfaultfd, the guest takes "
            + string.Join(" and ", measured.Select(r => $"{Text(r.Ratio(Elapsed))} times by {r.What.Label}"))
            + " what the simulator predicts, and a median touch "
            + string.Join(" and ", measured.Select(r => Text(r.Ratio(Latency)))) + $", on {host.Text}.";
        if (Userfaultfd.Complaint(ofMinor: true) is { } complaint)
        {
            yield return $"{Minor} was not measured: {complaint}.";
        }

        yield return "Local pages are in shmem from the start where it is MINOR, and are copied where it is MISSING; "
            + "the model copies them.";
    }

    protected override Workload Workload(LiveCase what, LiveRequest request) => Workload(request);

    protected override CostTable PricesOf(CostTable costs) => costs.With(Cost.VmExit, 0).With(Cost.MapPage, 0);

    protected override LiveFigures Simulated(RunResult run, CostTable costs, long waitedForCoreNs) =>
        new([run.ElapsedNs, run.Faults, run.LatencyP50Ns, run.LatencyP90Ns, waitedForCoreNs]);

    /// <summary>With one reader, as there is one.</summary>
    private static SyntheticWorkload Workload(LiveRequest request) =>
        (SyntheticWorkload)WorkloadCatalog.BuiltIn.Resolve(Invariant(
            $"snapshot-resume:io=1,tasks={request.Tasks},pages={request.PagesAsked ?? PagesOfTask}"));
}
