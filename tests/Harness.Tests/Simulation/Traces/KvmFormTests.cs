using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>The ways in which kernels and recorders have spelled the same events.</summary>
public sealed class KvmFormTests
{
    // 2 us of guest time before each of two faults on pages 5 (write) and 6, 1 us after them; 7 us of host time
    // between.
    public static TheoryData<string, string> Spellings => new()
    {
        {
            "five flag columns, 6.12",
            """
            # tracer: nop
             CPU 0/KVM x-y-205     [000] d..1.     5.000000: kvm_entry: vcpu 3, rip 0x10000
             CPU 0/KVM x-y-205     [000] d..1.     5.000002: kvm_exit: vcpu 3 reason npf rip 0x10000 info1 0x0000000200000006 info2 0x0000000000005000 intr_info 0x00000000 error_code 0x00000000
             CPU 0/KVM x-y-205     [000] .....     5.000003: kvm_page_fault: vcpu 3 rip 0x10000 address 0x0000000000005008 error_code 0x200000006
             CPU 0/KVM x-y-205     [001] d..1.     5.000009: kvm_entry: vcpu 3, rip 0x10000
             CPU 0/KVM x-y-205     [001] d..1.     5.000011: kvm_exit: vcpu 3 reason npf rip 0x10004 info1 0x0000000200000004 info2 0x0000000000006000 intr_info 0x00000000 error_code 0x00000000
             CPU 0/KVM x-y-205     [001] .....     5.000012: kvm_page_fault: vcpu 3 rip 0x10004 address 0x0000000000006000 error_code 0x200000004
             CPU 0/KVM x-y-205     [001] d..1.     5.000015: kvm_entry: vcpu 3, rip 0x10004[immediate exit]
             CPU 0/KVM x-y-205     [001] d..1.     5.000016: kvm_exit: vcpu 3 reason hlt rip 0x10008 info1 0x0000000000000000 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000
            """
        },
        {
            "four flag columns and the fields of 6.18, with process id",
            """
             vmm-205   (  190) [000] d..1     5.000000: kvm_entry: vcpu 3, rip 0x10000 intr_info 0x00000000 error_code 0x00000000
             vmm-205   (  190) [000] d..1     5.000002: kvm_exit: vcpu 3 reason EPT_VIOLATION rip 0x10000 info1 0x0000000000000582 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000 requests 0x0000000000000000
             vmm-205   (  190) [000] ....     5.000003: kvm_page_fault: vcpu 3 rip 0x10000 address 0x0000000000005008 error_code 0x582
             vmm-205   (  190) [000] d..1     5.000009: kvm_entry: vcpu 3, rip 0x10000 intr_info 0x00000000 error_code 0x00000000
             vmm-205   (  190) [000] d..1     5.000011: kvm_exit: vcpu 3 reason EPT_VIOLATION rip 0x10004 info1 0x0000000000000581 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000 requests 0x0000000000000000
             vmm-205   (  190) [000] ....     5.000012: kvm_page_fault: vcpu 3 rip 0x10004 address 0x0000000000006000 error_code 0x581
             vmm-205   (  190) [000] d..1     5.000015: kvm_entry: vcpu 3, rip 0x10004 inj 0x00000000 inj_error_code 0x00000000[guest]
             vmm-205   (  190) [000] d..1     5.000016: kvm_exit: vcpu 3 reason HLT rip 0x10008 info1 0x0000000000000000 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000 requests 0x0000000000000000
            """
        },
        {
            "trace-cmd report of an older kernel: exit and fault without vCPU number",
            """
            version = 6
            cpus=2
              dirty_log_test-29003 [001] 5.000000: kvm_entry:            vcpu 3
              dirty_log_test-29003 [001] 5.000002: kvm_exit:             reason EPT_VIOLATION rip 0x40359f info 582 0
              dirty_log_test-29003 [001] 5.000003: kvm_page_fault:       address 5008 error_code 582
              dirty_log_test-29003 [001] 5.000009: kvm_entry:            vcpu 3 rip 0x40359f
              dirty_log_test-29003 [001] 5.000011: kvm_exit:             reason EPT_VIOLATION rip 0x4035a0 info 581 0
              dirty_log_test-29003 [001] 5.000012: kvm_page_fault:       address 6000 error_code 581
              dirty_log_test-29003 [001] 5.000015: kvm_entry:            vcpu 3
              dirty_log_test-29003 [001] 5.000016: kvm_exit:             reason HLT rip 0x4035a8 info 0 0
            """
        },
        {
            "perf script with a spaced name",
            """
            fc_vcpu 1 2335220 [069]     5.000000: kvm:kvm_entry: vcpu 3, rip 0xff36706
            fc_vcpu 1 2335220 [069]     5.000002: kvm:kvm_exit: vcpu 3 reason EPT_VIOLATION rip 0xff36706 info1 0x0 info2 0x0 intr_info 0x0 error_code 0x0
            fc_vcpu 1 2335220 [069]     5.000003: kvm:kvm_page_fault: vcpu 3 rip 0xff36706 address 0x0000000000005008 error_code 0x582
            fc_vcpu 1 2335200/2335220 [069]     5.000009: kvm:kvm_entry: vcpu 3, rip 0xff36706
            fc_vcpu 1 2335220 [069]     5.000011: kvm:kvm_exit: vcpu 3 reason EPT_VIOLATION rip 0xff36708 info1 0x0 info2 0x0 intr_info 0x0 error_code 0x0
            fc_vcpu 1 2335220 [069]     5.000012: kvm:kvm_page_fault: vcpu 3 rip 0xff36708 address 0x0000000000006000 error_code 0x581
            fc_vcpu 1 2335220 [069]     5.000015: kvm:kvm_entry: vcpu 3, rip 0xff36708
            fc_vcpu 1 2335220 [069]     5.000016: kvm:kvm_exit: vcpu 3 reason HLT rip 0xff36710 info1 0x0 info2 0x0 intr_info 0x0 error_code 0x0
            """
        },
        {
            "perf script without names, ns resolution: the CPU stands for the thread",
            """
                [001]   5.000000000:                      kvm:kvm_entry: vcpu 3, rip 0x100146
                [001]   5.000002000:                       kvm:kvm_exit: reason EPT_VIOLATION rip 0x100146 info 582 0
                [001]   5.000003000:                 kvm:kvm_page_fault: address 5008 error_code 582
                [001]   5.000009000:                      kvm:kvm_entry: vcpu 3, rip 0x100146
                [001]   5.000011000:                       kvm:kvm_exit: reason EPT_VIOLATION rip 0x100148 info 581 0
                [001]   5.000012000:                 kvm:kvm_page_fault: address 6000 error_code 581
                [001]   5.000015000:                      kvm:kvm_entry: vcpu 3, rip 0x100148
                [001]   5.000016000:                       kvm:kvm_exit: reason HLT rip 0x100158 info 0 0
            """
        },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void All_spellings_say_the_same(string spelling, string text)
    {
        Assert.NotEmpty(spelling);
        AccessTrace trace = TraceData.ReadText(text);

        VcpuTrace vcpu = Assert.Single(trace.Vcpus);
        Assert.Equal("vcpu 3", vcpu.Name);
        Assert.Equal(
            [new TraceAccess(2000, 0, TraceAccessFlags.Write, -1), new TraceAccess(2000, 1, TraceAccessFlags.None, -1)],
            vcpu.Accesses);
        Assert.Equal(1000, vcpu.TailThinkNs);
    }

    [Fact]
    public void A_thread_that_faults_before_telling_its_number_gets_it_later()
    {
        AccessTrace trace = TraceData.ReadText(
            """
             vmm-7 [000] 5.000003: kvm_page_fault: address 5008 error_code 582
             vmm-7 [000] 5.000009: kvm_entry: vcpu 1
             vmm-9 [000] 5.000010: kvm_page_fault: address 6008 error_code 582
            """);

        Assert.Equal(["vcpu 1", "thread 9"], trace.Vcpus.Select(vcpu => vcpu.Name));
    }

    [Fact]
    public void Lost_events_are_counted_and_an_interval_across_them_is_not()
    {
        AccessTrace trace = TraceData.ReadText(
            """
             vmm-7 [000] d..1. 5.000000: kvm_entry: vcpu 0, rip 0x1
            CPU:0 [LOST 123 EVENTS]
             vmm-7 [000] d..1. 5.500000: kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x0 info2 0x0 intr_info 0x0 error_code 0x0
             vmm-7 [000] ..... 5.500001: kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4
            CPU:1 [7 EVENTS DROPPED]
             vmm-7 [000] d..1. 5.600000: kvm_entry: vcpu 0, rip 0x1
             vmm-7 [000] d..1. 5.600001: kvm_exit: vcpu 0 reason npf rip 0x1 info1 0x0 info2 0x0 intr_info 0x0 error_code 0x0
             vmm-7 [000] ..... 5.600002: kvm_page_fault: vcpu 0 rip 0x1 address 0x6000 error_code 0x4
            """);

        Assert.Equal(130, trace.Facts["lostEvents"]);
        Assert.Equal([0, 1000], trace.Vcpus[0].Accesses.Select(access => access.ThinkNs));
        Assert.Contains(trace.Notes, note => note.Contains("lost 130 events", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(" vmm-7 [000] ..... 5.000004: kvm_inj_exception: #PF (0x0)\n", 2)]
    [InlineData(" vmm-7 [000] ..... 5.000004: kvm_inj_virq: IRQ 0xf3\n", 2)]
    [InlineData(" vmm-7 [000] d..1. 5.000004: kvm_exit: vcpu 0 reason interrupt rip 0x1 info1 0x0\n", 1)]
    [InlineData(" vmm-7 [000] d..1. 5.000004: kvm_exit: vcpu 0 reason msr rip 0x2 info1 0x0\n", 2)]
    [InlineData(" vmm-7 [000] ..... 5.000004: kvm_page_fault: vcpu 0 rip 0x1 address 0x9000 error_code 0x4\n", 3)]
    public void The_same_fault_again_is_a_retry_unless_the_guest_got_on(string between, int accesses)
    {
        const string Fault =
            " vmm-7 [000] ..... 5.000009: kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4\n";

        Assert.Equal(accesses, TraceData.ReadText(Fault + between + Fault).Vcpus[0].Accesses.Length);
    }

    [Fact]
    public void A_write_after_a_read_of_the_same_page_is_an_access_of_its_own()
    {
        AccessTrace trace = TraceData.ReadText(
            """
             vmm-7 [000] ..... 5.000001: kvm_page_fault: vcpu 0 rip 0xffffffff81000000 address 0x5000 error_code 0x4
             vmm-7 [000] ..... 5.000002: kvm_page_fault: vcpu 0 rip 0xffffffff81000000 address 0x5000 error_code 0x6
            """);

        Assert.Equal(
            [TraceAccessFlags.Kernel, TraceAccessFlags.Kernel | TraceAccessFlags.Write],
            trace.Vcpus[0].Accesses.Select(access => access.Flags));
    }

    [Fact]
    public void Without_entries_and_exits_all_time_is_think_time_and_a_note_says_so()
    {
        AccessTrace trace = TraceData.ReadText(
            """
             vmm-7 [000] ..... 5.000001: kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4
             vmm-7 [000] ..... 5.000009: kvm_page_fault: vcpu 0 rip 0x2 address 0x6000 error_code 0x4
            """);

        Assert.Equal([0, 8000], trace.Vcpus[0].Accesses.Select(access => access.ThinkNs));
        Assert.Contains(trace.Notes, note => note.Contains("waits included", StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_events_are_counted()
    {
        AccessTrace trace = TraceData.ReadText(
            """
             sh-7 [000] ..... 5.000000: sched_switch: prev_comm=[001] 1.0: x
             sh-7 [000] ..... 5.000000: do_exit <-__x64_sys_exit
             vmm-7 [000] ..... 5.000001: kvm_page_fault: vcpu 0 rip 0x1 address 0x5000 error_code 0x4
            """);

        Assert.Equal(2, trace.Facts["unknownEvents"]);
    }

    [Theory]
    [InlineData("kvm_page_fault: vcpu 0 rip 0x1 error_code 0x4")]
    [InlineData("kvm_page_fault: vcpu 0 rip 0x1 address 0x5000")]
    [InlineData("kvm_page_fault: vcpu 0 rip 0x1 address 0x15000000000000000 error_code 0x4")]
    [InlineData("kvm_page_fault: vcpu 4294967296 rip 0x1 address 0x5000 error_code 0x4")]
    [InlineData("kvm_exit: vcpu x reason npf rip 0x1")]
    public void A_damaged_event_is_named(string eventText)
    {
        var failure = Assert.Throws<TraceFormatException>(
            () => TraceData.ReadText($"# header\n vmm-7 [000] ..... 5.000001: {eventText}\n"));

        Assert.Equal(2, failure.Line);
    }
}
