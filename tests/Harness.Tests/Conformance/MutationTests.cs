using UapiLab.Harness.Conformance;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>
/// Recordings that somebody spoiled. What is changed, doubled or made up is rejected itself; what is dropped or moved
/// is missed by the first event that needs it, which is named here.
/// </summary>
public sealed class MutationTests
{
    private const string Dropped = "drop";
    private const string Doubled = "double";
    private const string Swapped = "swap";

    /// <summary>Recording, what is done, to which line (the nth that holds a text), the rule, and what the rejected
    /// line holds.</summary>
    public static TheoryData<string, string, string, int, string, string> Moves => new()
    {
        { "k6.12-s1_apf_on", Dropped, "kvm_entry: vcpu 0", 9, "T1", "kvm_exit: vcpu 0" },
        { "k6.12-s1_apf_on", Dropped, "kvm_exit: vcpu 0 reason npf", 5, "T1", "kvm_page_fault" },
        { "k6.12-s1_apf_on", Dropped, "kvm_page_fault", 6, "T2", "kvm_try_async_get_page" },
        { "k6.12-s1_apf_on", Dropped, "kvm_try_async_get_page", 2, "K1", "kvm_async_pf_not_present" },
        { "k6.12-s1_apf_on", Dropped, "kvm_async_pf_not_present", 3, "K1", "kvm_inj_exception" },
        { "k6.12-s1_apf_on", Dropped, "kvm_inj_exception: #PF (0x0)", 4, "A5", "kvm_entry" },
        { "k6.12-s1_apf_on", Dropped, "kvm_async_pf_ready: token 0x4000", 1, "L1", "kvm_apic_accept_irq" },
        { "k6.12-s1_apf_on", Dropped, "kvm_apic_accept_irq", 3, "A10", "kvm_" },
        { "k6.12-s1_apf_on", Dropped, "kvm_inj_virq", 6, "L3", "kvm_eoi" },
        { "k6.12-s1_apf_on", Dropped, "kvm_eoi", 2, "L3", "kvm_msr: msr_write 80b" },
        { "k6.12-s1_apf_on", Dropped, "msr_write 4b564d07", 2, "T3", "kvm_entry" },
        { "k6.12-s1_apf_on", Dropped, "kvm_async_pf_completed: gva 0x10001000", 1, "A7", "END" },
        { "k6.12-s10_retouch", Dropped, "kvm_async_pf_repeated_fault", 1, "K1", "kvm_async_pf_ready" },
        { "k6.12-s2_apf_off", Dropped, "kvm_async_pf_ready", 1, "A13", "kvm_entry" },
        { "k6.12-s4_2vcpu", Dropped, "kvm_async_pf_not_present: token 0x3001", 1, "K1", "kvm_inj_exception" },
        { "uf-ic-u3_async", Dropped, "apf_accept vcpu=0", 1, "A7", "kvm_entry" },
        { "uf-ic-u1_sync_nocap", Dropped, "kvm_userspace_exit: reason error", 2, "F2", "memfault" },
        { "uf-mt-u12_rebit", Dropped, "kvm_unmap_hva_range", 2, "M6", "kvm_page_fault: vcpu 0" },
        { "k6.12-s1_apf_on", Doubled, "kvm_entry", 8, "T1", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_exit", 8, "T1", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_page_fault", 6, "T2", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_try_async_get_page", 5, "K1", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_async_pf_not_present", 5, "K1", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_inj_exception", 5, "I3", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_async_pf_ready", 7, "A10", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_apic_accept_irq", 7, "L1", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_eoi", 7, "L3", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_msr: msr_write 4b564d07", 7, "T3", "" },
        { "k6.12-s1_apf_on", Doubled, "kvm_async_pf_completed", 9, "A7", "" },
        { "k6.12-s10_retouch", Doubled, "kvm_async_pf_repeated_fault", 3, "A6", "" },
        { "k6.12-s5b_cpl0_if0", Doubled, "kvm_userspace_exit: reason KVM_EXIT_IO", 1, "T4", "" },
        { "uf-ic-u3_async", Doubled, "uf_resolve", 4, "F2", "" },
        { "k6.12-s1_apf_on", Swapped, "kvm_try_async_get_page", 3, "K1", "kvm_async_pf_not_present" },
        { "k6.12-s1_apf_on", Swapped, "kvm_async_pf_not_present", 3, "K1", "kvm_inj_exception" },
        { "k6.12-s1_apf_on", Swapped, "kvm_eoi", 3, "L3", "kvm_msr: msr_write 80b" },
        { "k6.12-s10_retouch", Swapped, "kvm_async_pf_ready", 3, "L1", "kvm_apic_accept_irq" },
        { "k7.3-s4_2vcpu", Swapped, "kvm_inj_exception", 2, "A5", "kvm_entry" },
    };

    [Theory]
    [MemberData(nameof(Moves))]
    public void Is_rejected_where_it_is_missed(string name, string move, string holds, int nth, string rule,
        string rejected)
    {
        var recording = Recording.Of(name);
        var lines = recording.Lines();
        var at = Recording.Nth(lines, holds, nth);
        switch (move)
        {
            case Dropped:
                lines.RemoveAt(at);
                break;
            case Doubled:
                lines.Insert(at, lines[at]);
                at++;
                break;
            default:
                var next = Enumerable.Range(at + 1, lines.Count - at - 1)
                    .First(i => Recording.ThreadOf(lines[i]) == Recording.ThreadOf(lines[at])
                    && !lines[i].Contains("kvm_mmu", StringComparison.Ordinal));
                (lines[at], lines[next]) = (lines[next], lines[at]);
                break;
        }

        var found = recording.Check(lines).Rejection;
        Assert.NotNull(found);
        Assert.Contains(rejected, found.Text, StringComparison.Ordinal);
        Assert.Equal(rule, found.Rule);
        Assert.True(move == Dropped ? found.Line > at : found.Line == at + 1, $"{found} instead of line {at + 1}");
    }

    /// <summary>Recording, the line, a text in it, what it becomes, and the rule.</summary>
    public static TheoryData<string, string, int, string, string, string> Changes => new()
    {
        { "k6.12-s1_apf_on", "kvm_async_pf_not_present", 4, "token 0x4000", "token 0x5000", "A4" },
        { "k6.12-s1_apf_on", "kvm_async_pf_not_present", 4, "token 0x4000", "token 0x4001", "A4" },
        { "k6.12-s1_apf_on", "kvm_async_pf_not_present", 4, "gva 0x10003000", "gva 0x10004000", "K1" },
        { "k6.12-s1_apf_on", "kvm_async_pf_ready", 5, "000 gva", "001 gva", "A10" },
        { "k6.12-s1_apf_on", "kvm_async_pf_ready: token 0x5000", 1, "gva 0x1000", "gva 0x1001", "A10" },
        { "k6.12-s1_apf_on", "kvm_async_pf_completed", 5, "gva 0x1000", "gva 0x1001", "A7" },
        { "k6.12-s1_apf_on", "kvm_try_async_get_page", 5, "gva = 0x10004000, gfn = 0x10004",
            "gva = 0x10005000, gfn = 0x10005", "K1" },
        { "k6.12-s1_apf_on", "kvm_page_fault", 8, "address 0x0000000010004000", "address 0x0000000010005000", "T2" },
        { "k6.12-s1_apf_on", "token 0xffffffff", 1, "token 0xffffffff", "token 0x1000", "A10" },
        { "k6.12-s10_retouch", "kvm_async_pf_repeated_fault", 2, "gva = 0x10004000", "gva = 0x10008000", "A6" },
        { "k6.12-s4_2vcpu", "kvm_async_pf_not_present: token 0x2001", 1, "token 0x2001", "token 0x2000", "A4" },
        { "k6.12-s13_cap64", "kvm_async_pf_not_present: token 0x42000", 1, "token 0x42000", "token 0x41000", "A4" },
        { "k6.12-s1_apf_on", "uffd_msg", 3, "flags=0x1", "flags=0x0", "K3" },
        { "k6.12-s5b_cpl0_if0", "uffd_msg", 3, "flags=0x0", "flags=0x1", "K3" },
        { "k7.3-s4_2vcpu", "intr_info 0x80000b0e", 2, "intr_info 0x80000b0e", "intr_info 0x00000000", "I2" },
        { "uf-ic-u3_async", "memfault", 2, "flags=0x30", "flags=0x10", "F2" },
        { "k6.12-s5b_cpl0_if0", "uffd_msg", 3, "tid=281", "tid=280", "K2" },
        { "k6.12-s1_apf_on", "kvm_exit: vcpu 0 reason npf rip 0x111ff", 1, "intr_info 0x00000000",
            "intr_info 0x00000b0e", "I1" },
        { "k6.12-s1_apf_on", "reason hlt", 1, "reason hlt", "reason cpuid", "T5" },
        { "k6.12-s1_apf_on", "kvm_eoi", 4, "kvm_eoi: apicid 0 vector 243", "kvm_eoi: apicid 0 vector 242", "L3" },
        { "uf-ic-u3_async", "apf_accept", 5, "gpa=0x10004000", "gpa=0x1000f000", "H1" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_event_is_rejected_itself(string name, string holds, int nth, string was, string becomes,
        string rule)
    {
        var recording = Recording.Of(name);
        var lines = recording.Lines();
        var at = Recording.Nth(lines, holds, nth);
        Assert.Contains(was, lines[at], StringComparison.Ordinal);
        lines[at] = lines[at].Replace(was, becomes, StringComparison.Ordinal);
        var found = recording.Check(lines).Rejection;
        Assert.NotNull(found);
        Assert.Equal(rule, found.Rule);
        // there, what follows is wrong
        Assert.True(found.Line == at + 1 || (rule is "T5" or "L3" && found.Line > at + 1), $"{found}");
    }

    [Fact]
    public void An_injection_with_interrupts_off_is_rejected()
    {
        // s5b pins IF = 0; as in s1, an APF is started and its #PF injected.
        var recording = Recording.Of("k6.12-s5b_cpl0_if0");
        var lines = recording.Lines();
        var at = Recording.Nth(lines, "kvm_page_fault: vcpu 0 rip 0x111ff", 1);
        var stamp = lines[at][..lines[at].IndexOf("kvm_page_fault", StringComparison.Ordinal)];
        lines.InsertRange(at + 1,
        [
            stamp + "kvm_try_async_get_page: gva = 0x10000000, gfn = 0x10000",
            stamp + "kvm_async_pf_not_present: token 0x1000 gva 0x10000000",
            stamp + "kvm_inj_exception: #PF (0x0)",
        ]);
        var found = recording.Check(lines).Rejection;
        Assert.Equal((at + 2, "A1"), (found!.Line, found.Rule));
        Assert.Contains("interrupts are off", found.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_interrupt_before_the_eoi_is_rejected()
    {
        var recording = Recording.Of("k6.12-s1_apf_on");
        var lines = recording.Lines();
        var entry = Recording.Nth(lines, "kvm_inj_virq: IRQ 0xf3", 1) + 1;
        var stamp = lines[entry][..lines[entry].IndexOf("kvm_entry", StringComparison.Ordinal)];
        lines.InsertRange(entry + 1,
            [stamp + "kvm_exit: vcpu 0 reason interrupt rip 0x1 info1 0x0 info2 0x0 intr_info 0x00000000 error_code "
            + "0x00000000", stamp + "kvm_inj_virq: IRQ 0xf3"]);
        var found = recording.Check(lines).Rejection;
        Assert.Equal((entry + 3, "L2"), (found!.Line, found.Rule));
    }

    [Fact]
    public void A_rejection_tells_the_state_before()
    {
        var recording = Recording.Of("k6.12-s1_apf_on");
        var lines = recording.Lines();
        lines.RemoveAt(Recording.Nth(lines, "kvm_inj_exception: #PF (0x0)", 4));
        var found = recording.Check(lines).Rejection;
        Assert.Contains("the #PF with token 0x4000 is pending", found!.Allowed, StringComparison.Ordinal);
        var lane = Assert.Single(found.State);
        Assert.Contains(
            "in KVM (stage-2 fault); APF on; #PF pending, token 0x4000; 4 outstanding: 0x1000 for gfn 0x10000", lane,
            StringComparison.Ordinal);
    }

    /// <summary>A plain -EFAULT says nothing of its page: information with its gfn is none that KVM wrote.</summary>
    [Fact]
    public void Exit_information_of_a_plain_failure_is_rejected()
    {
        var recording = Recording.Of("uf-mt-u25_stale_info");
        var lines = recording.Lines();
        var at = Recording.Nth(lines, "kvm_run vcpu=0 ret=-EFAULT", 1);
        lines[at] = lines[at].Replace("kvm_run vcpu=0 ret=-EFAULT exit_reason=39",
            "memfault vcpu=0 flags=0x10 gpa=0x10003000 size=0x1000 bit=0", StringComparison.Ordinal);
        var found = recording.Check(lines).Rejection;
        Assert.Equal(at + 1, found!.Line);
        Assert.Equal("F2", found.Rule);
    }

    /// <summary>All of one kind, not only the ones that were thought of.</summary>
    [Theory]
    [InlineData("k6.12-s3_lat0")]
    [InlineData("k6.12-s10_retouch")]
    [InlineData("k6.12-s5a_cpl0_nosend")]
    [InlineData("k7.3-s4_2vcpu")]
    [InlineData("uf-ic-u2_cap_sync")]
    public void Every_event_that_is_doubled_is_rejected(string name)
    {
        var recording = Recording.Of(name);
        var lines = recording.Lines();
        for (var at = 0; at < lines.Count; at++)
        {
            var kind = Recording.EventOf(lines[at]);
            if (kind == "kvm_async_pf_completed" && name.Contains("2vcpu", StringComparison.Ordinal))
            {
                continue; // it may be the other vCPU's, until that one's comes
            }

            if (!TraceConformance.StrictEvents.Contains(kind)
                || lines[at].Contains("[reinjected]", StringComparison.Ordinal) || kind == "kvm_vcpu_wakeup"
                || IsReinjected(lines, at))
            {
                // an injection that was cancelled may be tried again any number of times, and a wake-up may be spurious
                continue;
            }

            var doubled = lines.ToList();
            doubled.Insert(at, lines[at]);
            var found = recording.Check(doubled).Rejection;
            Assert.True(found?.Line == at + 2, $"line {at + 1}, {lines[at]}: {found}");
        }
    }

    private static bool IsReinjected(List<string> lines, int at) =>
        lines[at].Contains("kvm_inj_", StringComparison.Ordinal) && lines.Skip(at + 1)
            .FirstOrDefault(l => Recording.ThreadOf(l) == Recording.ThreadOf(lines[at]))?.Contains("[reinjected]",
            StringComparison.Ordinal) == true;
}
