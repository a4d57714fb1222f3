using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>Counts what happens in one run. Definitions: docs/metrics.md.</summary>
internal sealed class Metrics(int tasks, int vcpus, StepClock clock) : IMachineObserver
{
    private const long FaultsOfALivelock = 1_000;

    private readonly long[] _counts = new long[Enum.GetValues<MachineEventKind>().Length];
    private readonly long[] _violations = new long[Enum.GetValues<ViolationKind>().Length];
    private readonly long[] _faultStart = Enumerable.Repeat(-1L, tasks).ToArray();
    private readonly long[] _blockedSince = Enumerable.Repeat(-1L, vcpus).ToArray();
    private readonly LatencyHistogram _latency = new();
    private readonly long[] _latencyCounts = new long[LatencyBuckets.Ends.Count];
    private long _backToBack;
    private long _useless;
    private long _late;
    private long _wastedSwitches;
    private long _blockedNs;
    private long _end;
    private long _inFlightApfs;
    private long _faultsSinceProgress;

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

        _counts[(int)e.Kind]++;
        Next?.On(e);
        switch (e.Kind)
        {
            case MachineEventKind.KvmPageFault:
                _faultsSinceProgress++;
                ref var start = ref _faultStart[(int)e.Value];
                start = start < 0 ? clock.Now : start;
                break;
            case MachineEventKind.GuestAccessDone:
                LastProgress = clock.Steps;
                _faultsSinceProgress = 0;
                ref var started = ref _faultStart[(int)e.Value];
                if (started >= 0)
                {
                    _latency.Add(clock.Now - started);
                    _latencyCounts[LatencyBuckets.Of(clock.Now - started)]++;
                    started = -1;
                }

                break;
            case MachineEventKind.GuestNotPresent:
                var marks = (ApfMarks)e.Value;
                _backToBack += (marks & ApfMarks.BackToBack) != 0 ? 1 : 0;
                _useless += (marks & ApfMarks.Useless) != 0 ? 1 : 0;
                _late += (marks & ApfMarks.Late) != 0 ? 1 : 0;
                break;
            case MachineEventKind.GuestSwitch:
                _wastedSwitches += e.Value != ulong.MaxValue && (ApfMarks)e.Value != 0 ? (long)e.Gfn : 0;
                break;
            case MachineEventKind.ApfWhileInFlight:
                _inFlightApfs++;
                break;
            case MachineEventKind.TaskDone:
                _end = Math.Max(_end, clock.Now);
                break;
            case MachineEventKind.Violation:
                _violations[(int)e.Value]++;
                break;
        }
    }

    public void Blocked(int actor, BlockReason reason, long now)
    {
        if (actor < vcpus && reason is BlockReason.ApfHalt or BlockReason.WaitFetch or BlockReason.LookupSleep)
        {
            _blockedSince[actor] = now;
        }
    }

    public void Unblocked(int actor, long now)
    {
        if (actor < vcpus && _blockedSince[actor] >= 0)
        {
            _blockedNs += now - _blockedSince[actor];
            _blockedSince[actor] = -1;
        }
    }

    public RunResult Finish(Machine machine, long steps, long polledNs)
    {
        if (machine.LiveVcpus > 0)
        {
            // Those who wait for ever take no faults; those who fault for ever do.
            var spinning = _faultsSinceProgress > FaultsOfALivelock;
            _violations[(int)(spinning ? ViolationKind.Livelock : ViolationKind.LostWakeup)] += machine.LiveVcpus;
        }

        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            _violations[(int)ViolationKind.UnmatchedReady] += machine.Guest.UnclaimedWakes(vcpu);
        }

        long Count(MachineEventKind kind) => _counts[(int)kind];
        return new RunResult
        {
            Steps = steps,
            OwnEvents = machine.OwnEvents ?? [],
            Faults = _latency.Count,
            Exits = Count(MachineEventKind.KvmUserspaceExit),
            PageFaultExits = Count(MachineEventKind.KvmPageFault),
            NotPresentInjected = Count(MachineEventKind.KvmInjException),
            ReadyIrqs = Count(MachineEventKind.KvmInjVirq),
            BackToBackApf = _backToBack,
            UselessApf = _useless,
            LateApf = _late,
            InFlightApf = _inFlightApfs,
            GuestContextSwitches = Count(MachineEventKind.GuestSwitch),
            WastedContextSwitches = _wastedSwitches,
            ApfHalts = Count(MachineEventKind.ApfHalt),
            GuestHalts = Count(MachineEventKind.GuestHalt),
            VcpuBlockedNs = _blockedNs,
            HaltPolledNs = polledNs,
            ElapsedNs = _end,
            LatencyP50Ns = _latency.Count == 0 ? 0 : _latency.Percentile(500),
            LatencyP90Ns = _latency.Count == 0 ? 0 : _latency.Percentile(900),
            LatencyP99Ns = _latency.Count == 0 ? 0 : _latency.Percentile(990),
            LatencyMaxNs = _latency.Max,
            LatencyCounts = _latencyCounts,
            SharedAccesses = machine.SharedAccesses,
            Violations = _violations,
        };
    }
}
