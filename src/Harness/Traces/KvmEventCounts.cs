using System.Text;

namespace UapiLab.Harness.Traces;

/// <summary>Counts events by name; names outside the list share one count, to bound the memory.</summary>
internal sealed class KvmEventCounts
{
    private static readonly string[] s_names =
    [
        "kvm_ack_irq", "kvm_apic", "kvm_apic_accept_irq", "kvm_apic_ipi", "kvm_async_pf_completed",
        "kvm_async_pf_doublefault", "kvm_async_pf_exitless_notify", "kvm_async_pf_not_present", "kvm_async_pf_ready",
        "kvm_async_pf_repeated_fault", "kvm_cpuid", "kvm_cr", "kvm_emulate_insn", "kvm_entry", "kvm_eoi", "kvm_exit",
        "kvm_fpu", "kvm_halt_poll_ns", "kvm_hv_hypercall", "kvm_hypercall", "kvm_inj_exception", "kvm_inj_virq",
        "kvm_mmio", "kvm_mmu_spte_requested", "kvm_msi_set_irq", "kvm_msr", "kvm_page_fault", "kvm_pic_set_irq",
        "kvm_pio", "kvm_set_irq", "kvm_try_async_get_page", "kvm_unmap_hva_range", "kvm_userspace_exit",
        "kvm_vcpu_wakeup", "mark_mmio_spte", "tracing_mark_write", "vcpu_match_mmio",
    ];

    private readonly long[] _counts = new long[s_names.Length];

    public long Unknown { get; private set; }

    public void Add(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[64];
        int index = name.Length > letters.Length || !Encoding.ASCII.TryGetChars(name, letters, out int length)
            ? -1
            : Find(letters[..length]);
        if (index < 0)
        {
            Unknown++;
        }
        else
        {
            _counts[index]++;
        }
    }

    public IEnumerable<(string Name, long Count)> Seen =>
        s_names.Zip(_counts).Where(pair => pair.Second > 0);

    private static int Find(ReadOnlySpan<char> name)
    {
        int low = 0;
        int high = s_names.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = name.CompareTo(s_names[middle], StringComparison.Ordinal);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (low, middle - 1) : (middle + 1, high);
        }

        return -1;
    }
}
