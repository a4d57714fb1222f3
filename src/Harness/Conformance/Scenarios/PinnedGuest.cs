using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Conformance.Scenarios;

/// <summary>The small guest of the recordings: task t of every vCPU touches pages t, t + tasks, t + 2 tasks …, each
/// once; all vCPUs touch the same pages.</summary>
/// <param name="vcpus">vCPUs.</param>
/// <param name="pages">Pages.</param>
/// <param name="tasks">Tasks of each vCPU.</param>
/// <param name="policy">What the VMM does with a fault: sync, async, or mixed (every other page sync).</param>
/// <param name="guestApf">Whether the guest enables APF.</param>
/// <param name="flags">Mode of the guest at its accesses.</param>
/// <param name="fetchNs">How long a page takes to come, ns, before the seed changes it.</param>
/// <param name="retouches">Whether it touches a page again instead of sleeping on it.</param>
internal sealed class PinnedGuest(int vcpus, int pages, int tasks, string policy, bool guestApf, GuestStepFlags flags,
    long fetchNs, bool retouches = false) : Workload, IGuestProgram
{
    /// <summary>How long a page takes to come, in the recording.</summary>
    public long LatencyNs => fetchNs;

    /// <summary>If pages come together, as from a handler that wakes up now and then: the time.</summary>
    public Func<long>? Clock { get; set; }

    public override string Name => "recorded guest";

    public override MachineConfig Config { get; } = new()
    {
        Vcpus = vcpus,
        TasksPerVcpu = tasks,
        Gfns = pages,
        GuestApf = guestApf,
        Guest = retouches ? "retouch"
            : "recorded",
        Policy = policy switch
        {
            "sync" => new(PolicyKind.ResolveThenReenter),
            "async" => new(PolicyKind.ReenterThenResolve),
            _ => new(PolicyKind.WaitThenHandOff, 0),
        },
    };

    public override IGuestProgram Program(ulong seed) => this;

    public bool TryStep(int task, long index, out GuestStep step)
    {
        var page = (task % tasks) + (index * tasks);
        step = new(1_000, (ulong)page, flags);
        return page < pages;
    }

    public override int Choose(ulong seed, ChoiceKind kind, ulong key) => kind switch
    {
        ChoiceKind.Disposition => (int)(policy == "sync" || (policy == "mixed" && key % 2 == 0) ? Disposition.Sync
            : Disposition.Async),
        ChoiceKind.Intercepted => 0,
        _ => (int)Prediction.Async,
    };

    /// <summary>The first seed has the recording's latency; others are faster and slower, page by page: what the
    /// protocol determines does not move with it.</summary>
    public override long FetchNs(ulong seed, ulong gfn, Disposition disposition)
    {
        var ns = fetchNs / 4 * (4 + (long)((seed - 1) * (gfn + 1) % 7) - (seed == 1 ? 0 : 2));
        return Clock?.Invoke() is { } now && fetchNs > 0 ? ((now + ns + fetchNs - 1) / fetchNs * fetchNs) - now : ns;
    }

    public override long Delay(ulong seed, DelayKind kind, ulong key) => 1_000;

    public override Workload WithPolicy(VmmPolicy other) => throw new NotSupportedException();
}
