using System.Globalization;
using System.Text;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>What was seen on real kernels in recordings that are not here, told in the events of one vCPU.</summary>
public sealed class HandMadeTraceTests
{
    private const string Begin = "tracing_mark_write: BEGIN made_by_hand vcpus=1 pages=4 apf=1 cpl=3 if0=0";

    private static readonly string[] s_enable =
    [
        Begin, "kvm_entry: vcpu 0, rip 0x1",
        "kvm_exit: vcpu 0 reason msr rip 0x1", "kvm_msr: msr_write 4b564d06 = 0xf3", "kvm_entry: vcpu 0, rip 0x1",
        "kvm_exit: vcpu 0 reason msr rip 0x1", "kvm_msr: msr_write 4b564d02 = 0x2009",
            "kvm_async_pf_ready: token 0xffffffff gva 0x0",
        "kvm_apic_accept_irq: apicid 0 vec 243 (Fixed|edge)", "kvm_inj_virq: IRQ 0xf3", "kvm_entry: vcpu 0, rip 0x1",
        .. Acknowledge(),
    ];

    [Fact]
    public void A_short_apf_injects_its_fault_nevertheless()
    {
        // s21: completed and ready before the guest was entered; the entry is cancelled and the #PF injected again.
        string[] events = [.. s_enable, .. NotPresent(1), "kvm_inj_exception: #PF (0x0)",
            "kvm_async_pf_completed: gva 0x10001000 address 0x7f",
            "kvm_async_pf_ready: token 0x1000 gva 0x10001000", "kvm_apic_accept_irq: apicid 0 vec 243 (Fixed|edge)",
                "kvm_inj_exception: #PF (0x0) [reinjected]",
            "kvm_entry: vcpu 0, rip 0x1[immediate exit]", "kvm_exit: vcpu 0 reason vintr rip 0x1",
                "kvm_inj_virq: IRQ 0xf3", "kvm_entry: vcpu 0, rip 0x1"];
        Assert.Equal(ConformVerdict.Accepted, Check(events).Verdict);
    }

    [Fact]
    public void A_signal_ends_no_halt()
    {
        // s9a: KVM_RUN returns -EINTR out of an APF halt; called again it goes on halting, without any event.
        string[] halted = [.. s_enable, .. NotPresent(1), "kvm_inj_exception: #PF (0x0)", "kvm_entry: vcpu 0, rip 0x1",
            .. Repeated(1), "kvm_userspace_exit: reason restart (4)"];
        string[] ready = ["kvm_async_pf_completed: gva 0x10001000 address 0x7f",
            "kvm_async_pf_ready: token 0x1000 gva 0x10001000", "kvm_apic_accept_irq: apicid 0 vec 243 (Fixed|edge)",
            "kvm_inj_virq: IRQ 0xf3", "kvm_entry: vcpu 0, rip 0x1"];
        Assert.Equal(ConformVerdict.Accepted, Check([.. halted, .. ready]).Verdict);
        Assert.Equal("A13", Check([.. halted, "kvm_entry: vcpu 0, rip 0x1"]).Rejection?.Rule);
    }

    [Fact]
    public void A_signal_leaves_the_pending_fault_pending()
    {
        string[] events = [.. s_enable, .. NotPresent(1), "kvm_userspace_exit: reason restart (4)",
            "kvm_inj_exception: #PF (0x0)", "kvm_entry: vcpu 0, rip 0x1"];
        Assert.Equal(ConformVerdict.Accepted, Check(events).Verdict);
        Assert.Equal("A5", Check(events, Rules.A15KeepPending).Rejection?.Rule); // so A15 it is that allows it
    }

    [Fact]
    public void Disabling_loses_what_is_outstanding()
    {
        // s20: the write takes until the workers are back; their ready never comes.
        string[] disabled = [.. s_enable, .. NotPresent(1), "kvm_inj_exception: #PF (0x0)",
            "kvm_entry: vcpu 0, rip 0x1", "kvm_exit: vcpu 0 reason msr rip 0x1",
            "kvm_async_pf_completed: gva 0x10001000 address 0x7f", "kvm_msr: msr_write 4b564d02 = 0x0"];
        Assert.Equal(ConformVerdict.Accepted, Check([.. disabled, "kvm_entry: vcpu 0, rip 0x1"]).Verdict);
        string[] late = [.. disabled, "kvm_async_pf_ready: token 0x1000 gva 0x10001000", "kvm_entry: vcpu 0, rip 0x1"];
        Assert.Equal("A10", Check(late).Rejection?.Rule);
        Assert.Equal(ConformVerdict.Accepted, Check(late, Rules.A14Clear).Verdict); // so A14 it is that forbids it
    }

    [Fact]
    public void A_missing_ack_starves_the_rest()
    {
        // s11: without an ACK nothing looks at the list again, and a second ready cannot come while the token is there.
        string[] two = [.. s_enable, .. NotPresent(1), "kvm_inj_exception: #PF (0x0)", "kvm_entry: vcpu 0, rip 0x1",
            .. NotPresent(2), "kvm_inj_exception: #PF (0x0)",
            "kvm_entry: vcpu 0, rip 0x1", "kvm_exit: vcpu 0 reason hlt rip 0x1",
                "kvm_async_pf_completed: gva 0x10001000 address 0x7f",
            "kvm_async_pf_ready: token 0x1000 gva 0x10001000", "kvm_apic_accept_irq: apicid 0 vec 243 (Fixed|edge)"];
        Assert.Equal("A9",
            Check([.. two, "kvm_async_pf_completed: gva 0x10002000 address 0x7f",
            "kvm_async_pf_ready: token 0x2000 gva 0x10002000"]).Rejection?.Rule);
    }

    [Fact]
    public void Readies_come_in_the_order_of_the_list()
    {
        // The first completion was traced long before the second APF was even set up.
        string[] events = [.. s_enable, .. NotPresent(1), "kvm_inj_exception: #PF (0x0)",
            "kvm_async_pf_completed: gva 0x10001000 address 0x7f", "kvm_entry: vcpu 0, rip 0x1",
            "kvm_exit: vcpu 0 reason npf rip 0x1", "kvm_page_fault: vcpu 0 rip 0x1 address 0x10002000 error_code 0x4",
                "kvm_try_async_get_page: gva = 0x10002000, gfn = 0x10002",
            "kvm_async_pf_not_present: token 0x2000 gva 0x10002000", "kvm_async_pf_ready: token 0x2000 gva 0x10002000"];
        var found = Check(events).Rejection;
        Assert.Equal("A7", found?.Rule);
        Assert.Contains("token 0x1000 first", found!.Allowed, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Acknowledge() =>
    [
        "kvm_exit: vcpu 0 reason msr rip 0x1", "kvm_eoi: apicid 0 vector 243", "kvm_msr: msr_write 80b = 0x0",
            "kvm_entry: vcpu 0, rip 0x1",
        "kvm_exit: vcpu 0 reason msr rip 0x1", "kvm_msr: msr_write 4b564d07 = 0x1", "kvm_entry: vcpu 0, rip 0x1",
    ];

    private static IEnumerable<string> NotPresent(int page) =>
        [.. Attempt(page), $"kvm_async_pf_not_present: token 0x{page}000 gva 0x1000{page}000"];

    private static IEnumerable<string> Repeated(int page) =>
        [.. Attempt(page), $"kvm_async_pf_repeated_fault: gva = 0x1000{page}000, gfn = 0x1000{page}"];

    private static IEnumerable<string> Attempt(int page) =>
    [
        "kvm_exit: vcpu 0 reason npf rip 0x1", $"kvm_page_fault: vcpu 0 rip 0x1 address 0x1000{page}000 error_code 0x4",
            $"kvm_try_async_get_page: gva = 0x1000{page}000, gfn = 0x1000{page}",
    ];

    private static ConformReport Check(IEnumerable<string> events, RuleSet broken = default)
    {
        var text = new StringBuilder();
        var at = 1_000_000;
        foreach (var e in events)
        {
            var thread = e.StartsWith("kvm_async_pf_completed", StringComparison.Ordinal) ? "kworker/0:1-9" : "vmm-7";
            text.Append(CultureInfo.InvariantCulture, $"{thread} [000] ..... 1.{at++ % 1_000_000:d6}: {e}\n");
            at += 1_000; // far beyond the clocks' tolerance
        }

        return Recording.CheckText(text.ToString(), broken: broken);
    }
}
