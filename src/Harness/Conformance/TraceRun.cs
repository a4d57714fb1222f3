using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Holds the events of one trace to the machine, one after the other; keeps only the states that explain
/// them.</summary>
internal sealed class TraceRun : IDisposable
{
    private readonly SortedDictionary<long, VcpuChecker> _lanes = [];
    private readonly ObservedKinds _observed;
    private readonly MachineSetting _setting;
    private readonly ConformOptions _options;
    private readonly EventCounts _names = new();
    private readonly Completions _completions;
    private readonly List<string> _scenarios = [];
    private IReadOnlyDictionary<string, string> _parameters = new Dictionary<string, string>();
    private readonly ClearedBits _bits;
    private readonly MappedPages _mapped;
    private readonly PageAccounts _accounts;
    private ScenarioAssumptions _assumptions = ScenarioAssumptions.None;
    private readonly long[] _explained = new long[Enum.GetValues<RecordedKind>().Length];
    private readonly SortedDictionary<string, long> _explainedMarkers = new(StringComparer.Ordinal);
    private long _gaps;
    private bool _gapSinceBegin;
    private int _mostVcpus;
    private int _width = 1;
    private Diagnosis _atReset = new();
    private long _firstNs = -1;
    private long _lastNs;

    public TraceRun(ObservedKinds observed, MachineSetting setting, ConformOptions options)
    {
        this._observed = observed;
        this._setting = setting;
        _accounts = new(setting.KernelApf);
        this._options = options;
        _completions = new(options.ClockToleranceNs);
        _bits = new(options.ClockToleranceNs);
        _mapped = new(setting);
    }

    /// <summary>The vCPUs by thread: a host may run several VMs, whose vCPUs have the same numbers.</summary>
    public IEnumerable<VcpuChecker> Lanes => _lanes.Values.OrderBy(checker => checker.VcpuId);

    /// <summary>The vCPU whose thread it is, or -1.</summary>
    public int VcpuOf(long thread) => _lanes.TryGetValue(thread, out var checker) ? checker.VcpuId : -1;

    /// <summary>Set when a bound was hit.</summary>
    public string Bound { get; private set; } = "";

    /// <summary>Takes one event.</summary>
    /// <returns>Null, or the event that is rejected: this one, or an earlier one that waited for an
    /// explanation.</returns>
    public (RecordedEvent Event, IReadOnlyList<Refusal> Why)? Take(in RecordedEvent e, ReadOnlySpan<byte> name)
    {
        _firstNs = _firstNs < 0 ? e.AtNs : _firstNs;
        _lastNs = Math.Max(_lastNs, e.AtNs);
        if (_completions.Overdue(e.AtNs) is { } orphan)
        {
            return (orphan, [Completions.NobodyWaited]);
        }

        if (_assumptions.IsPinned && _observed.ShowsUnmapping && _mapped.Take(e) is { Count: > 0 } refusals)
        {
            return (e, refusals);
        }

        switch (e.Kind)
        {
            case RecordedKind.Other or RecordedKind.Mapped or RecordedKind.Unmapped:
                _names.Add(name);
                return null;
            case RecordedKind.Marker:
                _names.Add(name);
                return Mark(e);
            case RecordedKind.Completed:
                _explained[(int)e.Kind]++;
                _completions.Take(e, _lanes.Values, KnowsAllApfs);
                return null;
            default:
                return OnThread(e, name);
        }
    }

    /// <summary>Whether everything since the VM began is in the trace.</summary>
    private bool KnowsThePast => _assumptions.IsPinned && !_gapSinceBegin;

    /// <summary>Whether every APF that was set up is in the trace.</summary>
    private bool KnowsAllApfs => KnowsThePast && _observed.ShowsApfLife;

    /// <summary>Part of the trace is missing here.</summary>
    public void Forget()
    {
        _gaps++;
        _gapSinceBegin = true;
        _completions.Forget();
        _bits.Forget();
        _mapped.Forget();
        _accounts.Forget();
        foreach (var checker in _lanes.Values)
        {
            checker.Forget();
        }
    }

    /// <summary>The trace ends, perhaps in the middle of everything.</summary>
    public (RecordedEvent Event, IReadOnlyList<Refusal> Why)? End() =>
        _completions.Overdue(long.MaxValue) is { } orphan ? (orphan, [Completions.NobodyWaited]) : null;

    public ConformReport Report(string file, long events, long missing) => new()
    {
        File = file,
        Machine = _setting.Encoding.Description.FullName,
        Verdict = ConformVerdict.Accepted,
        Scenarios = _scenarios,
        Parameters = _parameters,
        Events = events,
        Explained = _explained.Sum(),
        ExplainedEvents =
            Sorted(Tracepoints.Strict.Select(row => KeyValuePair.Create(row.Name, _explained[(int)row.Kind]))
            .Where(count => count.Value > 0).Concat(_explainedMarkers)),
        Projected = Sorted(_names.Known.Where(known => !known.Event.IsStrict)
            .Select(known => KeyValuePair.Create(known.Event.Name, known.Count))),
        UnknownEvents = Sorted(_names.Known.Where(known => known.Event.IsStrict)
            .Select(known => KeyValuePair.Create(known.Event.Name, known.Count))
            .Concat(_names.Unknown)),
        Unobserved = [.. Tracepoints.Strict.Where(row => !_observed[row.Kind]).Select(row => row.Name)],
        Vcpus = Math.Max(_mostVcpus, _lanes.Count),
        Width = _lanes.Values.Select(checker => checker.Width).Append(_width).Max(),
        Missing = missing,
        Gaps = _gaps,
        Rules = _setting.Uses.Counts,
        AtEnd = AtEnd.Waits,
        Stuck = AtEnd.Stuck,
        Diagnosis = AtEnd.Lines(Counts, _firstNs),
        Overview = AtEnd.Overview(Counts, _firstNs),
    };

    private IEnumerable<KeyValuePair<string, long>> Counts => Tracepoints.Strict
        .Select(row => KeyValuePair.Create(row.Name, _explained[(int)row.Kind])).Where(count => count.Value > 0);

    public void Dispose()
    {
        foreach (var checker in _lanes.Values)
        {
            checker.Dispose();
        }
    }

    private static SortedDictionary<string, long> Sorted(IEnumerable<KeyValuePair<string, long>> counts) =>
        new(counts.ToDictionary(), StringComparer.Ordinal);

    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? OnThread(in RecordedEvent e, ReadOnlySpan<byte> name)
    {
        if (LaneOf(e) is not { } checker)
        {
            _names.Add(name); // a thread that no event ties to a vCPU
            return null;
        }

        _explained[(int)e.Kind]++;
        if (e.Kind == RecordedKind.AcceptInterrupt && checker.VcpuId != e.Vcpu)
        {
            foreach (var target in _lanes.Values)
            {
                target.NoteInterrupt(e.Vcpu); // an IPI is traced by its sender
            }

            return null;
        }

        var refusals = checker.Take(e);
        if (refusals.Count > 0)
        {
            return (e, refusals);
        }

        if (checker.Frontier.Count > VcpuChecker.MostStates)
        {
            Bound = Invariant(
                $"vCPU {checker.VcpuId} has more than {VcpuChecker.MostStates} states at event {e.Number}");
        }

        if (e.Kind == RecordedKind.NotPresent)
        {
            _completions.SetUp(e.Gfn, _lanes.Values, KnowsAllApfs);
        }
        else if (e.Kind == RecordedKind.Ready && e.Value != RecordedEvent.WakeAll)
        {
            _completions.Delivered(e.Gfn);
        }

        return null;
    }

    /// <summary>The lane of an event's thread; an event that names a vCPU may begin one.</summary>
    private VcpuChecker? LaneOf(in RecordedEvent e)
    {
        var known = _lanes.TryGetValue(e.Thread, out var checker);
        var named = e.Kind == RecordedKind.AcceptInterrupt ? -1 : e.Vcpu;
        var vcpu = named >= 0 ? named : known ? checker!.VcpuId : _observed.VcpuOf(e.Thread);
        if (vcpu < 0 || (known && checker!.VcpuId == vcpu))
        {
            return checker;
        }

        _gaps += KnowsThePast ? 0 : 1;
        checker?.Dispose();
        checker = new(new(vcpu, _assumptions, _observed, new AppendOrder(_options.ClockToleranceNs), _bits, _setting),
            isFresh: KnowsAllApfs);
        _lanes[e.Thread] = checker;
        return checker;
    }

    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? Mark(in RecordedEvent e)
    {
        if (ScenarioAssumptions.Read(e.Text) is { } begin)
        {
            _scenarios.Add(begin.Scenario);
            Reset();
            _assumptions = begin;
            _accounts.IsMarked = true;
            _parameters = begin.Values;
            return null;
        }

        if (e.Text.StartsWith("END ", StringComparison.Ordinal))
        {
            if (_observed[RecordedKind.Completed] && KnowsAllApfs && _completions.NeverTraced() is { } gfn)
            {
                return (e, [new(Rules.A7Request,
                    Invariant($"kvm_async_pf_completed for gfn 0x{gfn:x} first: an APF for it was delivered, and its ")
                    + Invariant($"worker has not traced"))]);
            }

            Reset();
        }

        var marker = VmmMarker.Read(e.Text);
        _accounts.Take(marker, e.AtNs);
        return _setting.KernelApf ? OnUserfaultfd(e, marker) : OnVmm(e, marker);
    }

    /// <summary>The loader's account of userfaultfd: who asked for a page, and how.</summary>
    private (RecordedEvent Event, IReadOnlyList<Refusal> Why)? OnUserfaultfd(in RecordedEvent e, VmmMarker marker)
    {
        if (marker.Word == "memfault" && marker.Hex("flags") is { } bits and not 0)
        {
            return (e, [new(Rules.F2Check,
                Invariant($"no memory fault with flags 0x{bits:x}: the kernel has no userfault interface ")
                + Invariant($"(--encoding)"))]);
        }

        if (marker is not { Word: "uffd_msg", Gfn: { } gfn } || marker.Hex("flags") is not { } flags
            || !long.TryParse(marker.Value("tid"), out var thread) || !KnowsAllApfs)
        {
            return null;
        }

        var writes = (flags & 1) != 0;
        IReadOnlyList<Refusal> refusals = _lanes.TryGetValue(thread, out var checker)
            ? checker.Take(state => state.SleepsFor(gfn, writes))
            : !_completions.HasBeenSetUp(gfn)
                ? [new(Rules.K2Sleeps,
                Invariant($"the vCPU's own thread: no APF was set up for gfn 0x{gfn:x}, so no worker asks for it"))]
            : _lanes.Values.Any(vcpu => vcpu.Frontier.Any(state => state.Machine.WorkerWrites(writes))) ? []
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
            case "memfault" when marker is { Gfn: { } gfn } && marker.Hex("flags") is { } flags
                && Lane(marker.Vcpu) is { } checker:
                refusals = marker.Value("bit") == "1" && _bits.IsClear(gfn, e.AtNs)
                    && _assumptions.Values.GetValueOrDefault("policy") == "sync"
                    ? [new(Rules.F2Check, Invariant($"bit=0: the VMM has resolved gfn 0x{gfn:x}"))]
                    : checker.Take(state => state.MemoryFault(gfn, flags));
                break;
            case "apf_accept" when marker is { Gfn: { } gfn, Succeeded: true } && Lane(marker.Vcpu) is { } checker:
                refusals = checker.Take(state => state.Accepted(gfn));
                break;
            case "uf_resolve" when marker is { Gfn: { } gfn }:
                if (marker.Value("was_set") == "1" && _bits.WasCleared(gfn))
                {
                    refusals = [new(Rules.F2Check, Invariant($"was_set=0: gfn 0x{gfn:x} was resolved before"))];
                }

                _bits.Clear(gfn, e.AtNs);
                break;
            case "errno" when marker.Succeeded: // a call that is refused changes nothing
                _mapped.OnMemslotUpdate();
                _bits.Forget();
                foreach (var checker in _lanes.Values)
                {
                    checker.NoteCall();
                }

                break;
            case "door" or "rearm" or "madv_dontneed":
                _bits.Forget();
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
            _explained[(int)e.Kind]++;
            _explainedMarkers[marker.Word] = _explainedMarkers.GetValueOrDefault(marker.Word) + 1;
        }
    }

    /// <summary>Of the VM that runs, or of the last one.</summary>
    private Diagnosis AtEnd => _lanes.Count > 0 ? Diagnosis.Of(_lanes.Values, _accounts, _lastNs) : _atReset;

    private VcpuChecker? Lane(int vcpu) => _lanes.Values.FirstOrDefault(checker => checker.VcpuId == vcpu);

    /// <summary>A VM begins or ends.</summary>
    private void Reset()
    {
        _mostVcpus = Math.Max(_mostVcpus, _lanes.Count);
        _atReset = AtEnd;
        foreach (var checker in _lanes.Values)
        {
            _width = Math.Max(_width, checker.Width);
            checker.Dispose();
        }

        _lanes.Clear();
        _completions.Forget();
        _mapped.Forget();
        _bits.Forget();
        _accounts.Forget();
        _accounts.IsMarked = false;
        _gapSinceBegin = false;
        _assumptions = ScenarioAssumptions.None;
    }
}
