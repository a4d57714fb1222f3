using UapiLab.Harness.Machines;
using UapiLab.Harness.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Holds the events of one trace to the machine, one after the other; keeps only the states that explain them.</summary>
internal sealed class TraceRun : IDisposable
{
    private readonly SortedDictionary<long, VcpuLane> lanes = [];
    private readonly ObservedKinds observed;
    private readonly MachineSetting setting;
    private readonly ConformOptions options;
    private readonly EventCounts names = new();
    private readonly Completions completions;
    private readonly List<string> scenarios = [];
    private IReadOnlyDictionary<string, string> parameters = new Dictionary<string, string>();
    private readonly ClearedBits bits;
    private Pins pins = Pins.None;
    private readonly long[] explained = new long[Enum.GetValues<RecordedKind>().Length];
    private readonly SortedDictionary<string, long> explainedMarkers = new(StringComparer.Ordinal);
    private long gaps;
    private bool gapSinceBegin;
    private int mostVcpus;
    private int width = 1;

    public TraceRun(ObservedKinds observed, MachineSetting setting, ConformOptions options)
    {
        this.observed = observed;
        this.setting = setting;
        this.options = options;
        completions = new(options.ClockToleranceNs);
        bits = new(options.ClockToleranceNs);
    }

    /// <summary>The vCPUs by thread: a host may run several VMs, whose vCPUs have the same numbers.</summary>
    public IEnumerable<VcpuLane> Lanes => lanes.Values.OrderBy(lane => lane.VcpuId);

    /// <summary>Set when a bound was hit.</summary>
    public string Bound { get; private set; } = "";

    /// <summary>Takes one event.</summary>
    /// <returns>Null, or the event that is rejected: this one, or an earlier one that waited for an explanation.</returns>
    public (RecordedEvent Event, IReadOnlyList<Refusal> Why)? Take(in RecordedEvent e, ReadOnlySpan<byte> name)
    {
        if (completions.Overdue(e.AtNs) is { } orphan)
        {
            return (orphan, [Completions.NobodyWaited]);
        }

        switch (e.Kind)
        {
            case RecordedKind.Other:
                names.Add(name);
                return null;
            case RecordedKind.Marker:
                names.Add(name);
                return Mark(e);
            case RecordedKind.Completed:
                explained[(int)e.Kind]++;
                completions.Take(e, lanes.Values, KnowsAllApfs);
                return null;
            default:
                return OnThread(e, name);
        }
    }

    /// <summary>Whether everything since the VM began is in the trace.</summary>
    private bool KnowsThePast => pins.IsPinned && !gapSinceBegin;

    /// <summary>Whether every APF that was set up is in the trace.</summary>
    private bool KnowsAllApfs => KnowsThePast && observed.ShowsApfLife;

    /// <summary>Part of the trace is missing here.</summary>
    public void Forget()
    {
        gaps++;
        gapSinceBegin = true;
        completions.Forget();
        bits.Forget();
        foreach (var lane in lanes.Values)
        {
            lane.Forget();
        }
    }

    /// <summary>The trace ends, perhaps in the middle of everything.</summary>
    public (RecordedEvent Event, IReadOnlyList<Refusal> Why)? End() =>
        completions.Overdue(long.MaxValue) is { } orphan ? (orphan, [Completions.NobodyWaited]) : null;

    public ConformReport Report(string file, long events, long missing) => new()
    {
        File = file,
        Machine = setting.Encoding.Description.FullName,
        Verdict = ConformVerdict.Accepted,
        Scenarios = scenarios,
        Parameters = parameters,
        Events = events,
        Explained = explained.Sum(),
        ExplainedEvents = Sorted(Tracepoints.Strict.Select(row => KeyValuePair.Create(row.Name, explained[(int)row.Kind]))
            .Where(count => count.Value > 0).Concat(explainedMarkers)),
        Projected = Sorted(names.Known.Where(known => !known.Event.IsStrict).Select(known => KeyValuePair.Create(known.Event.Name, known.Count))),
        UnknownEvents = Sorted(names.Known.Where(known => known.Event.IsStrict).Select(known => KeyValuePair.Create(known.Event.Name, known.Count))
            .Concat(names.Unknown)),
        Unobserved = [.. Tracepoints.Strict.Where(row => !observed[row.Kind]).Select(row => row.Name)],
        Vcpus = Math.Max(mostVcpus, lanes.Count),
        Width = lanes.Values.Select(lane => lane.Width).Append(width).Max(),
        Missing = missing,
        Gaps = gaps,
        Rules = setting.Uses.Counts,
    };

    public void Dispose()
    {
        foreach (var lane in lanes.Values)
        {
            lane.Dispose();
        }
    }

    private static SortedDictionary<string, long> Sorted(IEnumerable<KeyValuePair<string, long>> counts) =>
        new(counts.ToDictionary(), StringComparer.Ordinal);

    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? OnThread(in RecordedEvent e, ReadOnlySpan<byte> name)
    {
        if (LaneOf(e) is not { } lane)
        {
            names.Add(name); // a thread that no event ties to a vCPU
            return null;
        }

        explained[(int)e.Kind]++;
        if (e.Kind == RecordedKind.AcceptInterrupt && lane.VcpuId != e.Vcpu)
        {
            foreach (var target in lanes.Values)
            {
                target.NoteInterrupt(e.Vcpu); // an IPI is traced by its sender
            }

            return null;
        }

        var refusals = lane.Take(e);
        if (refusals.Count > 0)
        {
            return (e, refusals);
        }

        if (lane.Frontier.Count > VcpuLane.MostStates)
        {
            Bound = Invariant($"vCPU {lane.VcpuId} has more than {VcpuLane.MostStates} states at event {e.Number}");
        }

        if (e.Kind == RecordedKind.NotPresent)
        {
            completions.SetUp(e.Gfn, lanes.Values, KnowsAllApfs);
        }
        else if (e.Kind == RecordedKind.Ready && e.Value != RecordedEvent.WakeAll)
        {
            completions.Delivered(e.Gfn);
        }

        return null;
    }

    /// <summary>The lane of an event's thread; an event that names a vCPU may begin one.</summary>
    private VcpuLane? LaneOf(in RecordedEvent e)
    {
        var known = lanes.TryGetValue(e.Thread, out var lane);
        var named = e.Kind == RecordedKind.AcceptInterrupt ? -1 : e.Vcpu;
        var vcpu = named >= 0 ? named : known ? lane!.VcpuId : observed.VcpuOf(e.Thread);
        if (vcpu < 0 || (known && lane!.VcpuId == vcpu))
        {
            return lane;
        }

        gaps += KnowsThePast ? 0 : 1;
        lane?.Dispose();
        lane = new(new(vcpu, pins, observed, new AppendOrder(options.ClockToleranceNs), bits, setting), isFresh: KnowsAllApfs);
        lanes[e.Thread] = lane;
        return lane;
    }

    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? Mark(in RecordedEvent e)
    {
        if (Pins.Read(e.Text) is { } begin)
        {
            scenarios.Add(begin.Scenario);
            Reset();
            pins = begin;
            parameters = begin.Values;
            return null;
        }

        if (e.Text.StartsWith("END ", StringComparison.Ordinal))
        {
            if (observed[RecordedKind.Completed] && KnowsAllApfs && completions.NeverTraced() is { } gfn)
            {
                return (e, [new(Rules.A7Request, Invariant($"kvm_async_pf_completed for gfn 0x{gfn:x} first: an APF for it was delivered, and its worker has not traced"))]);
            }

            Reset();
        }

        var marker = VmmMarker.Read(e.Text);
        return setting.KernelApf ? OnUserfaultfd(e, marker) : OnVmm(e, marker);
    }

    /// <summary>The loader's account of userfaultfd: who asked for a page, and how.</summary>
    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? OnUserfaultfd(in RecordedEvent e, VmmMarker marker)
    {
        if (marker.Word == "memfault" && marker.Hex("flags") is { } bits and not 0)
        {
            return (e, [new(Rules.F2Check, Invariant($"no memory fault with flags 0x{bits:x}: the kernel has no userfault interface (--encoding)"))]);
        }

        if (marker is not { Word: "uffd_msg", Gfn: { } gfn } || marker.Hex("flags") is not { } flags || !long.TryParse(marker.Value("tid"), out var thread) || !KnowsAllApfs)
        {
            return null;
        }

        var writes = (flags & 1) != 0;
        IReadOnlyList<Refusal> refusals = lanes.TryGetValue(thread, out var lane) ? lane.Take(state => state.SleepsFor(gfn, writes))
            : !completions.HasBeenSetUp(gfn) ? [new(Rules.K2Sleeps, Invariant($"the vCPU's own thread: no APF was set up for gfn 0x{gfn:x}, so no worker asks for it"))]
            : lanes.Values.Any(vcpu => vcpu.Frontier.Any(state => state.Machine.WorkerWrites(writes))) ? []
            : [new(Rules.K3ForWrite, Invariant($"flags=0x1: a worker faults gfn 0x{gfn:x} in for write"))];
        CountMarker(e, marker, refusals.Count == 0);
        return refusals.Count == 0 ? null : (e, refusals);
    }

    /// <summary>The loader's account of the VMM's side.</summary>
    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? OnVmm(in RecordedEvent e, VmmMarker marker)
    {
        IReadOnlyList<Refusal> refusals = [];
        switch (marker.Word)
        {
            case "memfault" when marker is { Gfn: { } gfn } && marker.Hex("flags") is { } flags && Lane(marker.Vcpu) is { } lane:
                refusals = marker.Value("bit") == "1" && bits.IsClear(gfn, e.AtNs) && pins.Values.GetValueOrDefault("policy") == "sync"
                    ? [new(Rules.F2Check, Invariant($"bit=0: the VMM has resolved gfn 0x{gfn:x}"))]
                    : lane.Take(state => state.MemoryFault(gfn, flags));
                break;
            case "apf_accept" when marker is { Gfn: { } gfn, Succeeded: true } && Lane(marker.Vcpu) is { } lane:
                refusals = lane.Take(state => state.Accepted(gfn));
                break;
            case "uf_resolve" when marker is { Gfn: { } gfn }:
                if (marker.Value("was_set") == "1" && bits.WasCleared(gfn))
                {
                    refusals = [new(Rules.F2Check, Invariant($"was_set=0: gfn 0x{gfn:x} was resolved before"))];
                }

                bits.Clear(gfn, e.AtNs);
                break;
            case "door" or "errno" or "rearm" or "madv_dontneed":
                bits.Forget();
                break;
            default:
                break;
        }

        if (refusals.Count == 0)
        {
            CountMarker(e, marker, marker.Word is "memfault" or "apf_accept" or "uf_resolve");
            return null;
        }

        return (e, refusals);
    }

    private void CountMarker(in RecordedEvent e, VmmMarker marker, bool isExplained)
    {
        if (isExplained)
        {
            explained[(int)e.Kind]++;
            explainedMarkers[marker.Word] = explainedMarkers.GetValueOrDefault(marker.Word) + 1;
        }
    }

    private VcpuLane? Lane(int vcpu) => lanes.Values.FirstOrDefault(lane => lane.VcpuId == vcpu);

    /// <summary>A VM begins or ends.</summary>
    private void Reset()
    {
        mostVcpus = Math.Max(mostVcpus, lanes.Count);
        foreach (var lane in lanes.Values)
        {
            width = Math.Max(width, lane.Width);
            lane.Dispose();
        }

        lanes.Clear();
        completions.Forget();
        bits.Forget();
        gapSinceBegin = false;
        pins = Pins.None;
    }
}
