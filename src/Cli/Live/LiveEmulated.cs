using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
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

    /// <summary>What tasks do between touches where they are uneven.</summary>
    private static readonly long[] s_thinksNs = [LongNs, LongNs / 10, LongNs / 100, LongNs / 1000];

    /// <summary>Of a vCPU.</summary>
    private const int MostPages = 1 << 16;

    /// <summary>vCPUs, and whether they touch the same pages.</summary>
    private static readonly (int Vcpus, bool IsShared)[] s_guests = [(1, false), (2, false), (2, true)];

    private static readonly long[] s_fetchesNs = [0, 1_000_000];

    public override string Encoding => encoding.Description.FullName;

    public override IReadOnlyList<Need> Needs => [Need.Userfaultfd];

    public override string Column => "vCPUs, fetch";

    public override string Kvm => "emulated";

    public override IReadOnlyList<LiveMetric> Metrics { get; } =
    [
        new("elapsed"), Count("faults"), Count("exits"), Count("not-presents"), Count("readies"), Count("APF halts"),
        new("latency p50"), new("latency p90"), new("no core for"),
    ];

    public override IEnumerable<LiveCase> Cases(LiveRequest request) => request.Pages * request.Tasks > MostPages
        ? throw new InputException(Invariant($"--pages {request.Pages} --tasks {request.Tasks}"),
            Invariant($"expected at most {MostPages} pages for a vCPU"))
        : from fetch in request.FetchesNs ?? s_fetchesNs
          from guest in s_guests
          select new LiveCase(Encoding, Invariant($"{guest.Vcpus}{(guest.IsShared ? " shared" : "")}, ")
            + Durations.Format(fetch), guest.Vcpus * request.Tasks, fetch, guest.Vcpus, guest.IsShared);

    public override LiveFigures Measured(Host host, LiveCase what, LiveRequest request,
        CancellationToken cancellation)
    {
        var run = Run(what, request, cancellation);
        return run.Wrong is { } wrong ? throw Failed(what, wrong) : Figures(run.Result, run.WaitedNs);
    }

    /// <summary>A count is determined where the simulator counts the same whatever is slow: any of the prices, and
    /// now this thread and now that, by little or by much, as on a machine that others use. Of pages that are shared
    /// nothing is: it depends on which vCPU comes first.</summary>
    public override LiveRow Row(EncodingRegistry encodings, CostTable costs, int cpus, LiveCase what,
        LiveFigures? measured, LiveRequest request, CancellationToken cancellation)
    {
        LiveFigures At(CostTable prices, Workload workload, ulong seed, int cores = 0)
        {
            using var simulator = new Simulator(encoding, workload, prices, seed)
            { Cancellation = cancellation, Cpus = cores };
            return Figures(simulator.Run(), simulator.WaitedForCoreNs);
        }

        var steady = Workload(what, request);
        SyntheticWorkload Unsteady(int variant) => new("touch", steady.Parameters with
        {
            Think = Distribution.Exponential(s_thinksNs[variant % s_thinksNs.Length]),
            Fetch = what.FetchNs == 0 ? steady.Parameters.Fetch : Distribution.Exponential(what.FetchNs),
        });
        var simulated = At(costs, steady, 1, cpus);
        LiveFigures[] others = what.IsShared ? [] : [.. Enum.GetValues<Cost>().AsParallel().SelectMany(cost =>
            ((Workload[])[steady, Unsteady((int)cost)]).Select(workload =>
                At(costs.With(cost, LongNs), workload, (ulong)cost + 1)))];
        return new(what, [.. Metrics.Select((metric, i) => metric with
        {
            IsDetermined = metric.IsDetermined && !what.IsShared
                && others.All(o => o.Values[i] == simulated.Values[i]),
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
            + "those of the emulation. TLBs, re-arming, write tracking, signals and resets were left out. Shared: both "
            + "vCPUs touch the same pages.";
        var cores = host.Cpus.Cores.Count;
        yield return Invariant($"There are {cores} cores for up to {rows.Max(r => r.What.Threads + r.What.Vcpus)} ")
            + Invariant($"threads of the guest and {IoThreads} that place pages.");
    }

    protected override SyntheticWorkload Workload(LiveCase what, LiveRequest request) =>
        Touch(what.Vcpus, request.Tasks, request.Pages, what.FetchNs, IoThreads,
            new(PolicyKind.WaitThenHandOff), what.IsShared);

    protected override LiveFigures Simulated(RunResult run, CostTable costs, long waitedForCoreNs) =>
        Figures(run, waitedForCoreNs);

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
        catch (ProbeFailedException e)
        {
            throw new InputException($"live {Encoding}", $"expected what can be emulated: {e.Message}");
        }
    }

    private LiveFailedException Failed(LiveCase what, string how) =>
        new($"{Encoding} {how}; vCPUs and fetch: {what.Label} "
            + "(KVM emulated in userspace)");
}
