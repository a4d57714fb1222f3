using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Which kinds of event the recorder had enabled, as far as the trace shows: a kind that never occurs was not
/// enabled, and is unobserved rather than missing.</summary>
internal sealed class ObservedKinds
{
    private readonly bool[] _seen = new bool[Enum.GetValues<RecordedKind>().Length];
    private readonly Dictionary<long, int> _vcpuOfThread = [];
    private readonly HashSet<(RecordedKind Kind, ulong Vector)> _vectors = [];

    /// <summary>Whether the kind occurs at all.</summary>
    public bool this[RecordedKind kind] => _seen[(int)kind];

    /// <summary>Whether the kind occurs of a vector; where that is not known, of any. A processor that delivers the
    /// LAPIC's interrupts itself (APICv, AVIC) leaves no injection and no EOI of them in the trace, but KVM still
    /// injects those of the PIC, and again what an exit interrupted.</summary>
    public bool Has(RecordedKind kind, ulong vector) => vector == 0 ? this[kind] : _vectors.Contains((kind, vector));

    /// <summary>Whether an entry line carries the event that is injected with it.</summary>
    public bool EntryCarriesEvent { get; private set; }

    /// <summary>Whether the trace shows when APF is on, when an APF begins and when it ends. Otherwise any may be
    /// outstanding.</summary>
    public bool ShowsApfLife =>
        this[RecordedKind.Msr]
            && (!this[RecordedKind.TryAsync] || (this[RecordedKind.NotPresent] && this[RecordedKind.Ready]));

    /// <summary>Whether the trace shows where stage-2 entries are installed and where the host takes them
    /// out.</summary>
    public bool ShowsUnmapping => this[RecordedKind.Mapped] && this[RecordedKind.Unmapped];

    /// <summary>Whether a loader says when it accepts an APF.</summary>
    public bool Accepts { get; private set; }

    /// <summary>The first vCPU that the thread's lines name, or -1.</summary>
    public int VcpuOf(long thread) => _vcpuOfThread.GetValueOrDefault(thread, -1);

    /// <summary>Kinds that a host traces wherever they happen.</summary>
    private static bool IsOfApf(RecordedKind kind) => kind is RecordedKind.TryAsync or RecordedKind.NotPresent
        or RecordedKind.RepeatedFault or RecordedKind.Completed or RecordedKind.Ready;

    public void Add(in RecordedEvent e)
    {
        _seen[(int)e.Kind] = true;
        if (e.Kind is RecordedKind.InjectInterrupt or RecordedKind.Eoi && !e.Again)
        {
            _vectors.Add((e.Kind, e.Value));
        }

        if (e.Kind is RecordedKind.Entry or RecordedKind.Exit or RecordedKind.PageFault && e.Vcpu >= 0)
        {
            _vcpuOfThread.TryAdd(e.Thread, e.Vcpu);
        }

        if (e.Kind == RecordedKind.Marker && e.Text.StartsWith(KvmTraceWriter.Ends, StringComparison.Ordinal))
        {
            var recorded = e.Text;
            foreach (var row in Tracepoints.Strict.Where(row => IsOfApf(row.Kind)))
            {
                _seen[(int)row.Kind] |= recorded.Contains(row.Name, StringComparison.Ordinal);
            }
        }

        Accepts |= e.Kind == RecordedKind.Marker && e.Text.StartsWith("apf_accept ", StringComparison.Ordinal);
        EntryCarriesEvent |= e is { Kind: RecordedKind.Entry, HasEventInfo: true };
    }
}
