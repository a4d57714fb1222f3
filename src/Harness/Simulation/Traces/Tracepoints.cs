using System.Text;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Kinds of trace line that a machine can be held to; the rest is counted by name and no more.</summary>
internal enum RecordedKind : byte
{
    Other, Entry, Exit, PageFault, TryAsync, NotPresent, RepeatedFault, Completed, Ready,
    InjectException, InjectInterrupt, AcceptInterrupt, Eoi, Msr, UserspaceExit, Wakeup, Marker,
    /// <summary>A stage-2 entry is installed; some stage-2 entries are taken out.</summary>
    Mapped, Unmapped,
}

/// <summary>An event of a trace, by the name that a kernel or a recorder gives it.</summary>
internal sealed record Tracepoint(string Name, RecordedKind Kind = RecordedKind.Other)
{
    /// <summary>An event that the machine emits, under its name.</summary>
    public Tracepoint(MachineEventKind emitted, RecordedKind kind)
        : this(emitted.Row().Text, kind)
    {
    }

    /// <summary>Whether <c>conform</c> explains each one. The others are counted, and what they say is used where
    /// others need it.</summary>
    public bool IsStrict =>
        Kind is not (RecordedKind.Other or RecordedKind.Marker or RecordedKind.Mapped or RecordedKind.Unmapped);
}

/// <summary>The table of trace events that the lab knows.</summary>
internal static class Tracepoints
{
    private const int LongestName = 64;

    /// <summary>The strict ones first; of one kind, today's name before older ones.</summary>
    public static IReadOnlyList<Tracepoint> All { get; } =
    [
        new(MachineEventKind.KvmEntry, RecordedKind.Entry),
        new("kvm_exit", RecordedKind.Exit),
        new(MachineEventKind.KvmPageFault, RecordedKind.PageFault),
        new(MachineEventKind.KvmTryAsyncGetPage, RecordedKind.TryAsync),
        new(MachineEventKind.KvmAsyncPfNotPresent, RecordedKind.NotPresent),
        new(MachineEventKind.KvmAsyncPfRepeatedFault, RecordedKind.RepeatedFault),
        new("kvm_async_pf_doublefault", RecordedKind.RepeatedFault),
        new(MachineEventKind.KvmAsyncPfCompleted, RecordedKind.Completed),
        new(MachineEventKind.KvmAsyncPfReady, RecordedKind.Ready),
        new(MachineEventKind.KvmInjException, RecordedKind.InjectException),
        new(MachineEventKind.KvmInjVirq, RecordedKind.InjectInterrupt),
        new("kvm_apic_accept_irq", RecordedKind.AcceptInterrupt),
        new("kvm_eoi", RecordedKind.Eoi),
        new("kvm_msr", RecordedKind.Msr),
        new(MachineEventKind.KvmUserspaceExit, RecordedKind.UserspaceExit),
        new("kvm_vcpu_wakeup", RecordedKind.Wakeup),
        new("tracing_mark_write", RecordedKind.Marker),
        new("print", RecordedKind.Marker),
        new("kvm_ack_irq"),
        new("kvm_apic"),
        new("kvm_apic_ipi"),
        new("kvm_async_pf_exitless_notify"),
        new("kvm_cpuid"),
        new("kvm_cr"),
        new("kvm_emulate_insn"),
        new("kvm_fpu"),
        new("kvm_halt_poll_ns"),
        new("kvm_hv_hypercall"),
        new("kvm_hypercall"),
        new("kvm_mmio"),
        new("kvm_mmu_spte_requested", RecordedKind.Mapped),
        new("kvm_msi_set_irq"),
        new("kvm_pic_set_irq"),
        new("kvm_pio"),
        new("kvm_set_irq"),
        new("kvm_unmap_hva_range", RecordedKind.Unmapped),
        new("mark_mmio_spte"),
        new("vcpu_match_mmio"),
    ];

    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> s_places =
        All.Index().ToDictionary(row => row.Item.Name, row => row.Index, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Strict events by today's names.</summary>
    public static IReadOnlyList<Tracepoint> Strict { get; } =
        [.. All.Where(row => row.IsStrict).DistinctBy(row => row.Kind)];

    /// <summary>Place in the table, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[LongestName];
        return name.Length <= LongestName && Encoding.ASCII.TryGetChars(name, letters, out var length)
            && s_places.TryGetValue(letters[..length], out var place) ? place : -1;
    }

    public static RecordedKind KindOf(ReadOnlySpan<byte> name) =>
        Find(name) is var place and >= 0 ? All[place].Kind : RecordedKind.Other;

    /// <summary>Today's name.</summary>
    public static string NameOf(RecordedKind kind) => All.First(row => row.Kind == kind).Name;
}

/// <summary>Counts events by name, of which the table of trace events knows some.</summary>
internal sealed class EventCounts
{
    private const int MostUnknownNames = 256;
    private const int LongestName = 64;

    private readonly long[] _known = new long[Tracepoints.All.Count];
    private readonly SortedDictionary<string, long> _unknown = new(StringComparer.Ordinal);

    /// <summary>Those of the table that occur, by name.</summary>
    public IEnumerable<(Tracepoint Event, long Count)> Known =>
        Tracepoints.All.Zip(_known).Where(row => row.Second > 0).OrderBy(row => row.First.Name, StringComparer.Ordinal);

    /// <summary>The others; names beyond the first few hundred share one count, to bound the memory.</summary>
    public IReadOnlyDictionary<string, long> Unknown => _unknown;

    public void Add(ReadOnlySpan<byte> name)
    {
        if (Tracepoints.Find(name) is var place and >= 0)
        {
            _known[place]++;
            return;
        }

        var key = name.Length <= LongestName && Ascii.IsValid(name) ? Encoding.ASCII.GetString(name) : "";
        key = key.Length == 0 || (_unknown.Count >= MostUnknownNames && !_unknown.ContainsKey(key)) ? "(others)" : key;
        _unknown[key] = _unknown.GetValueOrDefault(key) + 1;
    }
}
