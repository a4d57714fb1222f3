using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live;

namespace UapiLab.Cli.Live;

/// <summary>Tasks of the tiny guest touch missing pages, with KVM's own async page faults and without.</summary>
internal sealed class LiveKernelApf : LiveSubject
{
    private const string Without = "userfaultfd";
    private const int Elapsed = 0;

    public override string Encoding => "kernel-apf";

    public override string Kvm => "host";

    public override IReadOnlyList<Need> Needs => [Need.Kvm, Need.KernelUserfaultfd];

    public override string Column => "run";

    public override IReadOnlyList<LiveMetric> Metrics { get; } =
    [
        new("elapsed"), Count("faults"), Count("not-presents"), Count("readies"), Count("exits"),
        new("halts", IsTime: false),
    ];

    public override IEnumerable<LiveCase> Cases(LiveRequest request) =>
        from fetch in request.FetchesNs ?? [0]
        from encoding in (string[])[Encoding, Without]
        select new LiveCase(encoding, $"{encoding}, {Durations.Format(fetch)}", request.Tasks, fetch);

    public override LiveFigures Measured(Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation)
    {
        var run = GuestRun.Of(host, what.Encoding == Encoding, what.Threads, request.Pages, what.FetchNs);
        return new([run.ElapsedNs, run.Faults, run.NotPresents, run.Readies, run.Exits, run.Halts]);
    }

    public override IEnumerable<string> Answer(IReadOnlyList<LiveRow> rows, Host? host)
    {
        var differing = rows.SelectMany(r => r.Differing.Select(i =>
            Invariant($"{r.What.Label} has {r.Differs(i):0} {r.Metrics[i].Name} where the model has ")
            + Invariant($"{r.Simulated.Values[i]:0}"))).ToArray();
        if (host is not null)
        {
            yield return (differing.Length == 0
                ? "Every count that the protocol determines is the simulator's"
                : $"Counts are not the simulator's: {string.Join("; ", differing)}") + $", on {host.Text}.";
        }

        foreach (var pair in rows.Chunk(2))
        {
            var of = (Func<LiveRow, double?> side) => Text(side(pair[0]) / side(pair[1]));
            yield return Invariant($"{pair[0].What.Threads} tasks, fetch {Durations.Format(pair[0].What.FetchNs)}: ")
                + Encoding + (host is null
                    ? $" is predicted to take {of(r => r.Simulated.Values[Elapsed])} times as long as {Without}."
                    : $" takes {of(r => r.Measured!.Values[Elapsed])} times as long as {Without}; predicted are "
                        + of(r => r.Simulated.Values[Elapsed]) + ".");
        }
    }

    protected override Workload Workload(LiveCase what, LiveRequest request) =>
        Touch(vcpus: 1, what.Threads, request.Pages, what.FetchNs);

    /// <summary>Of the guest's exits the protocol determines those for a fault, and for each ready an ACK, and an EOI
    /// where that is an exit. The wake-all of enabling comes before the run,
    /// and a guest that takes no not-present has not enabled them.</summary>
    protected override LiveFigures Simulated(RunResult run, CostTable costs, long waitedForCoreNs)
    {
        var eachReady = costs[Cost.Eoi].Ns > 0 ? 2 : 1;
        var readies = run.NotPresentInjected > 0 ? run.ReadyIrqs : 0;
        return new([run.ElapsedNs, run.PageFaultExits, run.NotPresentInjected, readies,
            run.PageFaultExits + (Math.Max(0, readies - 1) * eachReady), run.GuestHalts]);
    }

    private static LiveMetric Count(string name) => new(name, IsTime: false, IsDetermined: true);
}
