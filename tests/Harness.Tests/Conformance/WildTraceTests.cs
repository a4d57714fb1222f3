using UapiLab.Harness.Conformance;
using UapiLab.Harness.Simulation.Traces;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Shapes of text as people post them: read rightly, or refused by a line that says what it is.</summary>
public sealed class WildTraceTests
{
    private const string Entry = "qemu-7 [001] d... 1.000001: kvm_entry: vcpu 0";

    [Fact]
    public void Under_shadow_paging_the_exception_is_the_page_fault()
    {
        var report = Recording.CheckText($"""
            {Entry}
            qemu-7 [001] .... 1.000002: kvm_exit: reason EXCEPTION_NMI rip 0x1000 info 1000 80000b0e
            qemu-7 [001] .... 1.000003: kvm_page_fault: address 1000 error_code 14
            {Entry}
            qemu-7 [001] .... 1.000002: kvm_exit: vcpu 0 reason EXCEPTION_NMI rip 0x1 intr_info 0x80000b0e
            qemu-7 [001] .... 1.000003: kvm_page_fault: address 2000 error_code 14
            {Entry}

            """);
        Assert.Equal(ConformVerdict.Accepted, report.Verdict);
        var rejected = Recording.CheckText($"""
            {Entry}
            qemu-7 [001] .... 1.000002: kvm_exit: reason EXCEPTION_NMI rip 0x1000 info 1000 80000306
            qemu-7 [001] .... 1.000003: kvm_page_fault: address 1000 error_code 14

            """);
        Assert.Equal("T2", rejected.Rejection!.Rule);
    }

    [Fact]
    public void Faults_without_exits_are_one_for_each()
    {
        var report = Recording.CheckText("""
            qemu-7 [036] 1.840657: kvm_page_fault: vcpu 3 rip 0x7f address 0x00000003f7369712 error_code 0x181
            qemu-7 [036] 1.925844: kvm_page_fault: vcpu 3 rip 0x7f address 0x00000003f9ce5a12 error_code 0x181

            """);
        Assert.Equal((ConformVerdict.Accepted, 2), (report.Verdict, report.Explained));
    }

    [Fact]
    public void A_file_that_ends_in_the_middle_of_a_line_says_so()
    {
        var report = Recording.CheckText($"{Entry}\nqemu-7 [001] d... 1.000002: kvm_exit: vcpu 0 reason hlt rip 0x1 "
            + "intr_info 0x0\nqemu-7 [001] d... 1.000003: kvm_entry: vcpu 0x");
        Assert.Equal((ConformVerdict.Accepted, 2, true), (report.Verdict, report.Events, report.IsCutOff));
        Assert.False(Recording.CheckText(Entry + "\n").IsCutOff);
    }

    [Theory]
    [InlineData("a 1.0: kvm_entry: PC: 0x8\na 1.1: kvm_userspace_exit: reason restart (4)\n", 1, "x86 KVM")]
    [InlineData("\n 12.879 qemu/27 kvm:kvm_entry:vcpu 0, rip 0x4\n", 2, "perf trace")]
    [InlineData("Analyze events\n VM-EXIT  Samples\n hlt 40833\n", 1, "perf kvm stat")]
    [InlineData("postcopy_ram_fault_thread_request Request for HVA=0x7 rb=pc.ram offset=0x1 pid=1\n", 1, "QEMU log")]
    [InlineData(" L 10,1\n", 1, "lackey")]
    [InlineData(Entry + ", rip\n0xfc95a\n" + Entry + "\n", 2, "wrapped")]
    public void What_is_no_such_trace_is_named(string text, long line, string told)
    {
        var refused = Assert.Throws<TraceFormatException>(() => Recording.CheckText(text));
        Assert.Contains($":{line}: expected ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>With APF off the vCPU halts for a page; what a gap hides may have turned it off.</summary>
    [Fact]
    public void A_gap_may_hide_that_the_guest_disabled_apf()
    {
        var recording = Recording.Of("uf-mt-u19_disable_outstanding");
        var lines = recording.Lines();
        var at = Recording.Nth(lines, "# cut: 67 lines", 1);
        lines.RemoveAt(at);
        Assert.Equal(ConformVerdict.Accepted, recording.Check().Verdict);
        Assert.Equal(ConformVerdict.Rejected, recording.Check(lines).Verdict);
    }
}
