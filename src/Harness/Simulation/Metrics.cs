using UapiLab.Harness.Machines;
using UapiLab.Harness.Statistics;

namespace UapiLab.Harness.Simulation;

/// <summary>Counts what happens in one run. Definitions: docs/metrics.md.</summary>
internal sealed class Metrics(int tasks, int vcpus, Pace pace) : IMachineObserver
{
    private const long FaultsOfALivelock = 1_000;

    private readonly long[] counts = new long[Enum.GetValues<MachineEventKind>().Length];
    private readonly long[] violations = new long[Enum.GetValues<ViolationKind>().Length];
    private readonly long[] faultStart = Enumerable.Repeat(-1L, tasks).ToArray();
    private readonly long[] blockedSince = Enumerable.Repeat(-1L, vcpus).ToArray();
    private readonly LatencyHistogram latency = new();
    private long backToBack;
    private long useless;
    private long late;
    private long spurious;
    private long wastedSwitches;
    private long blockedNs;
    private long end;
    private long inFlightApfs;
    private long faultsSinceProgress;

    public bool Paused { get; set; }

    /// <summary>Sees every event too.</summary>
    public IMachineObserver? Next { get; set; }

    /// <summary>Micro-step of the last completed guest access.</summary>
    public long LastProgress { get; set; }

    public void On(in MachineEvent e)
    {
        if (Paused)
        {
            return;
        }

        counts[(int)e.Kind]++;
        Next?.On(e);
        switch (e.Kind)
        {
            case MachineEventKind.KvmPageFault:
                faultsSinceProgress++;
                ref var start = ref faultStart[(int)e.Value];
                start = start < 0 ? pace.Now : start;
                break;
            case MachineEventKind.GuestAccessDone:
                LastProgress = pace.Steps;
                faultsSinceProgress = 0;
                ref var started = ref faultStart[(int)e.Value];
                if (started >= 0)
                {
                    latency.Add(pace.Now - started);
                    started = -1;
                }

                break;
            case MachineEventKind.GuestNotPresent:
                var marks = (ApfMarks)e.Value;
                backToBack += (marks & ApfMarks.BackToBack) != 0 ? 1 : 0;
                useless += (marks & ApfMarks.Useless) != 0 ? 1 : 0;
                late += (marks & ApfMarks.Late) != 0 ? 1 : 0;
                spurious += marks != 0 ? 1 : 0;
                break;
            case MachineEventKind.GuestSwitch:
                wastedSwitches += e.Value != ulong.MaxValue && (ApfMarks)e.Value != 0 ? (long)e.Gfn : 0;
                break;
            case MachineEventKind.ApfWhileInFlight:
                inFlightApfs++;
                break;
            case MachineEventKind.TaskDone:
                end = Math.Max(end, pace.Now);
                break;
            case MachineEventKind.Violation:
                violations[(int)e.Value]++;
                break;
        }
    }

    public void Blocked(int actor, BlockReason reason, long now)
    {
        if (actor < vcpus && reason is BlockReason.ApfHalt or BlockReason.WaitFetch or BlockReason.LookupSleep)
        {
            blockedSince[actor] = now;
        }
    }

    public void Unblocked(int actor, long now)
    {
        if (actor < vcpus && blockedSince[actor] >= 0)
        {
            blockedNs += now - blockedSince[actor];
            blockedSince[actor] = -1;
        }
    }

    public RunResult Finish(Machine machine, long steps)
    {
        if (machine.LiveVcpus > 0)
        {
            // Those who wait for ever take no faults; those who fault for ever do.
            var spinning = faultsSinceProgress > FaultsOfALivelock;
            violations[(int)(spinning ? ViolationKind.Livelock : ViolationKind.LostWakeup)] += machine.LiveVcpus;
        }

        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            violations[(int)ViolationKind.UnmatchedReady] += machine.Guest.UnclaimedWakes(vcpu);
        }

        long Count(MachineEventKind kind) => counts[(int)kind];
        return new RunResult
        {
            Steps = steps,
            Faults = latency.Count,
            Exits = Count(MachineEventKind.KvmUserspaceExit),
            PageFaultExits = Count(MachineEventKind.KvmPageFault),
            NotPresentInjected = Count(MachineEventKind.KvmInjException),
            ReadyIrqs = Count(MachineEventKind.KvmInjVirq),
            BackToBackApf = backToBack,
            UselessApf = useless,
            LateApf = late,
            SpuriousApf = spurious,
            InFlightApf = inFlightApfs,
            GuestContextSwitches = Count(MachineEventKind.GuestSwitch),
            WastedContextSwitches = wastedSwitches,
            ApfHalts = Count(MachineEventKind.ApfHalt),
            VcpuBlockedNs = blockedNs,
            ElapsedNs = end,
            LatencyP50Ns = latency.Count == 0 ? 0 : latency.Percentile(500),
            LatencyP99Ns = latency.Count == 0 ? 0 : latency.Percentile(990),
            LatencyMaxNs = latency.Max,
            SharedAccesses = machine.SharedAccesses,
            Violations = violations,
        };
    }
}
