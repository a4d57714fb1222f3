using System.Text;

namespace UapiLab.Harness.Conformance;

/// <summary>Counts events by name: strict ones are explained one by one, projected ones belong to the subject and are counted
/// only, unknown ones are named so that nobody believes they were looked at.</summary>
internal sealed class EventNames
{
    private const int MostNames = 256;

    private static readonly string[] s_projected =
    [
        "kvm_ack_irq", "kvm_apic", "kvm_apic_ipi", "kvm_async_pf_exitless_notify", "kvm_cpuid", "kvm_cr", "kvm_emulate_insn", "kvm_fpu",
        "kvm_halt_poll_ns", "kvm_hypercall", "kvm_mmio", "kvm_mmu_spte_requested", "kvm_msi_set_irq", "kvm_pic_set_irq", "kvm_pio",
        "kvm_set_irq", "kvm_unmap_hva_range", "mark_mmio_spte", "vcpu_match_mmio", "tracing_mark_write", "print",
    ];

    private readonly SortedDictionary<string, long> projected = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> unknown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> known;
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);

    public EventNames() => known = counts.GetAlternateLookup<ReadOnlySpan<char>>();

    public IReadOnlyDictionary<string, long> Projected
    {
        get
        {
            Sort();
            return projected;
        }
    }

    public IReadOnlyDictionary<string, long> Unknown
    {
        get
        {
            Sort();
            return unknown;
        }
    }

    public void Add(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[64];
        if (name.Length > letters.Length || !Encoding.ASCII.TryGetChars(name, letters, out var length))
        {
            length = 0;
        }

        ReadOnlySpan<char> key = length == 0 || (counts.Count >= MostNames && !known.ContainsKey(letters[..length])) ? "(others)" : letters[..length];
        known[key] = known.TryGetValue(key, out var count) ? count + 1 : 1;
    }

    private void Sort()
    {
        foreach (var (name, count) in counts)
        {
            (s_projected.Contains(name) ? projected : unknown)[name] = count;
        }
    }
}
