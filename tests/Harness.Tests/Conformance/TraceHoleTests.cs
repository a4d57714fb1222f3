using UapiLab.Harness.Conformance;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>What real traces have and our recordings have not, each beside a neighbour that no KVM emits.</summary>
public sealed class TraceHoleTests
{
    private const string AtFault = "async-hint:inject=at-fault";
    private const string Marker = "tracing_mark_write: ";
    private const string Entry = "kvm_entry: vcpu 0, rip 0x1";
    private const string Gap = "# cut: 9 lines";
    private const string Tried = "kvm_try_async_get_page: gva = 0x5000, gfn = 0x5";
    private const string NotPresent = "kvm_async_pf_not_present: token 0x1000 gva 0x5000";
    private const string Injected = "kvm_inj_exception: #PF (0x0)";
    private const string Failed = "kvm_userspace_exit: reason error (14)";
    private const string Completed = "kvm_async_pf_completed: gva 0x5000 address 0x5000";

    /// <summary>x86.c: kvm_can_deliver_async_pf asks for SEND_ALWAYS before it asks for the CPL.</summary>
    [Theory]
    [InlineData(null, "cpl=0", 0x800b)]
    [InlineData("A5", "cpl=0", 0x8009)]
    [InlineData(null, "cpl=3", 0x8009)]
    [InlineData(null, "cpl=0", null)] // what the guest wrote is in the gap
    [InlineData(null, "cpl=0 always=1", null)]
    [InlineData("A5", "cpl=0 always=0", null)]
    public void A_not_present_in_kernel_mode_is_one_that_the_guest_asked_for(string? rule, string says, int? enable) =>
        AssertVerdict(rule, null,
        [
            $"{Marker}BEGIN t vcpus=1 if0=0 apf=1 {says}",
            .. enable is { } value ? Enable(value) : [Gap, Entry],
            .. Fault(0x5), Tried, NotPresent, Injected, Entry,
        ]);

    /// <summary>KVM_ENABLE_CAP with args[0] = 0: faults that were accepted still complete, new ones are plain
    /// exits.</summary>
    [Theory]
    [InlineData(null, "errno enable_cap(246, 0) -> OK", 0x10)]
    [InlineData("A1", "errno enable_cap(246, 2) -> EINVAL", 0x10)]
    [InlineData("A1", "guest_done vcpu=0", 0x10)]
    [InlineData("F2", "errno enable_cap(246, 0) -> OK", 0x30)]
    public void A_capability_may_be_turned_off_again(string? rule, string call, int flags) =>
        AssertVerdict(rule, AtFault,
        [
            $"{Marker}BEGIN t vcpus=1 if0=0 cpl=3 guest_apf=1", .. Enable(0x8009),
            .. Fault(0x5), Tried, NotPresent, Failed, $"{Marker}memfault vcpu=0 flags=0x30 gpa=0x5000 size=0x1000",
            $"{Marker}apf_accept vcpu=0 gpa=0x5000 OK", Marker + call, Injected, Entry,
            .. Fault(0x6), Failed, $"{Marker}memfault vcpu=0 flags=0x{flags:x} gpa=0x6000 size=0x1000",
            $"{Marker}uf_resolve gpa=0x6000 by=vcpu was_set=1", Entry, Completed,
            "kvm_exit: vcpu 0 reason interrupt rip 0x1", "kvm_async_pf_ready: token 0x1000 gva 0x5000", Entry,
        ]);

    /// <summary>As before, where the call is in a gap, and where nobody marks calls.</summary>
    [Theory]
    [InlineData("BEGIN t vcpus=1 if0=0 cpl=3 guest_apf=1", Gap)]
    [InlineData("no scenario", Marker)]
    public void A_capability_that_nobody_tells_of_may_be_off(string begin, string then) =>
        AssertVerdict(null, AtFault,
        [
            Marker + begin, then, Entry, .. Fault(0x5), Failed,
            $"{Marker}memfault vcpu=0 flags=0x10 gpa=0x5000 size=0x1000", Entry,
            .. Fault(0x6), "kvm_try_async_get_page: gva = 0x6000, gfn = 0x6",
            "kvm_async_pf_not_present: token 0x1000 gva 0x6000", Failed,
        ]);

    /// <summary>kvm_main.c: copy_to_user at userspace_addr, on the vCPU's thread (rules P1, P4).</summary>
    [Theory]
    [InlineData(null, "kvm_exit: vcpu 0 reason io rip 0x1", 0x9)]
    [InlineData(null, "kvm_exit: vcpu 0 reason msr rip 0x1", 0x9)]
    [InlineData("K2", "kvm_exit: vcpu 0 reason io rip 0x1", 0x9, Entry)]
    [InlineData("A1", "kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x4 info2 0x5000", 0x5,
        "kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4")]
    [InlineData("K2", "kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x4 info2 0x5000", 0x5,
        "kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4", Tried, NotPresent)]
    public void An_access_of_KVM_may_sleep_for_a_page(string? rule, string exit, int gfn, params string[] then) =>
        AssertVerdict(rule, null,
        [
            $"{Marker}BEGIN t vcpus=1 if0=0 cpl=3 apf=1", .. Enable(0x8009), .. Fault(0x4),
            "kvm_try_async_get_page: gva = 0x4000, gfn = 0x4", "kvm_async_pf_not_present: token 0x1000 gva 0x4000",
            Injected, Entry, exit,
            .. then.Select(line => line == NotPresent ? NotPresent.Replace("0x1000", "0x2000",
                StringComparison.Ordinal) : line),
            $"{Marker}uffd_msg gpa=0x{gfn:x}000 flags=0x0 tid=7",
        ]);

    /// <summary>kvm_main.c: kvm_set_memory_region zaps only what it changes.</summary>
    [Theory]
    [InlineData(null, "errno set_slot(8, bitmap) -> OK")]
    [InlineData("M6", "errno set_slot(8, bitmap) -> EINVAL")]
    [InlineData("M6", "errno set_slot(8, bitmap) -> EEXIST")]
    public void A_memslot_update_that_fails_unmaps_nothing(string? rule, string call) =>
        AssertVerdict(rule, "single-bit:apf=off",
        [
            $"{Marker}BEGIN t vcpus=1 if0=0 cpl=3 guest_apf=1",
            "kvm_unmap_hva_range: mmu notifier unmap range: 0x7 -- 0x8",
            .. Enable(0x8009), .. Fault(0x5), "kvm_mmu_spte_requested: gfn 5 pfn 2cf level 1", Entry,
            Marker + call, .. Fault(0x5), Entry,
        ]);

    /// <summary>irq.c: kvm_cpu_has_injectable_intr asks the PIC before it looks whether the processor has the LAPIC's
    /// interrupts. An interrupt that KVM injects on the ready vector must be there for each ready.</summary>
    [Theory]
    [InlineData(null, "IRQ 0x30")]
    [InlineData(null, "IRQ 0xf3 [reinjected]")]
    [InlineData("A9", "IRQ 0xf3")]
    public void A_processor_that_delivers_interrupts_itself_leaves_others_to_KVM(string? rule, string traced)
    {
        const string enters = "kvm_entry: ";
        var lines = DeliveredByTheProcessor(Recording.Of("k6.12-s1_apf_on").Lines());
        var at = Recording.Nth(lines, enters, 4);
        lines.Insert(at, lines[at].Split(enters)[0] + "kvm_inj_virq: " + traced);
        var report = Recording.CheckText(string.Join('\n', lines) + "\n");
        Assert.True(report.Rejection?.Rule == rule, $"{report.Rejection}");
    }

    /// <summary>Neither injections nor EOIs of the LAPIC's interrupts, and no exits for them.</summary>
    private static List<string> DeliveredByTheProcessor(List<string> lines)
    {
        string[] without = ["kvm_inj_virq", "kvm_eoi"];
        var thread = Recording.ThreadOf(lines[Recording.Nth(lines, "kvm_entry: ", 1)]);
        List<int> exit = [];
        HashSet<int> left = [];
        foreach (var (at, line) in lines.Index().Where(l => Recording.ThreadOf(l.Item) == thread))
        {
            exit.Add(at);
            if (Recording.EventOf(line) == "kvm_entry")
            {
                var inside = exit.Skip(1).SkipLast(1).Where(i => !without.Contains(Recording.EventOf(lines[i])))
                    .ToArray();
                if (lines[exit[0]].Contains("reason vintr", StringComparison.Ordinal) && inside.Length == 0
                    || inside is [var one] && lines[one].Contains("msr_write 80b ", StringComparison.Ordinal))
                {
                    left.UnionWith(exit);
                }

                exit.Clear();
            }
        }

        return [.. lines.Where((line, at) => !left.Contains(at) && !without.Contains(Recording.EventOf(line)))];
    }

    [Fact]
    public void Probes_are_events_that_are_not_known()
    {
        var report = Check(null,
        [
            Entry, "kvm_exit: vcpu 0 reason io rip 0x1",
            "can_dequeue: (kvm_arch_can_dequeue_async_page_present+0x0/0x60 [kvm]) ret=0x0",
            "probe:kvm_set_memory_region: (ffffffffc0a1b2c0)",
            "set_region_ret: (kvm_vm_ioctl+0x1a2/0x9f0 [kvm] <- kvm_set_memory_region) ret=0xffffffea", Entry,
        ]);
        Assert.Equal(ConformVerdict.Accepted, report.Verdict);
        Assert.Equal(["can_dequeue", "kvm_set_memory_region", "set_region_ret"], report.UnknownEvents.Keys);
    }

    private static string[] Enable(int value) =>
    [
        Entry, "kvm_exit: vcpu 0 reason msr rip 0x1", $"kvm_msr: msr_write 4b564d02 = 0x{value:x}",
        "kvm_async_pf_ready: token 0xffffffff gva 0x0", Entry,
    ];

    private static string[] Fault(int gfn) =>
    [
        $"kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x4 info2 0x{gfn:x}000",
        $"kvm_page_fault: vcpu 0 rip 0x1 address 0x{gfn:x}000 error_code 0x4",
    ];

    private static void AssertVerdict(string? rule, string? encoding, IEnumerable<string> lines)
    {
        var report = Check(encoding, lines);
        Assert.True(report.Rejection?.Rule == rule, $"{report.Rejection}");
    }

    private static ConformReport Check(string? encoding, IEnumerable<string> lines) =>
        Recording.CheckText(string.Concat(lines.Select((line, at) =>
            line.StartsWith('#') ? line + "\n" : $"vcpu-7 [000] ..... 1.{at:D6}: {line}\n")), encoding);
}
