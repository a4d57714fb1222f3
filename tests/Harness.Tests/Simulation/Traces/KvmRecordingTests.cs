using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>The recordings of a real KVM, against the counts that the loader, the guest and KVM's statistics
/// gave.</summary>
public sealed class KvmRecordingTests
{
    // Faults is KVM's own pf_taken; accesses are those without retries.
    [Theory]
    [InlineData("kvm/k6.12-s1_apf_on", 67, 67, 67)]
    [InlineData("kvm/k6.12-s2_apf_off", 67, 67, 67)]
    [InlineData("kvm/k6.12-s4_2vcpu", 18 + 19, 37, 20)]
    [InlineData("kvm/k6.12-s5a_cpl0_nosend", 19, 19, 19)]
    [InlineData("kvm/k6.12-s5b_cpl0_if0", 19, 19, 19)]
    [InlineData("kvm/k6.12-s6b_protnone_apf_on", 4, 4, 4)]
    [InlineData("kvm/k6.12-s7_noslot_mmio", 7, 7, 7)]
    [InlineData("kvm/k6.12-s10_retouch", 35, 35, 19)]
    [InlineData("kvm/k6.12-s12_dontneed", 15, 12, 11)]
    [InlineData("kvm/k6.12-s13_cap64", 83, 83, 83)]
    [InlineData("kvm/k6.18-s6e_gmem_closed", 11, 11, 8)]
    [InlineData("kvm/k7.3-s4_2vcpu", 7 + 5, 12, 8)]
    [InlineData("userfault/uf-ic-u1_sync_nocap", 61, 45, 45)]
    [InlineData("userfault/uf-mt-u1_sync_nocap", 61, 45, 45)]
    [InlineData("userfault/uf-ic-u2_cap_sync", 45, 45, 45)]
    [InlineData("userfault/uf-ic-u3_async", 45, 45, 45)]
    public void Every_fault_is_an_access_or_a_retry(string recording, int faults, int accesses, int pages)
    {
        AccessTrace trace = TraceData.Read(recording + ".trace.txt.gz");

        Assert.Equal("kvm", trace.Format);
        Assert.Equal(faults, trace.Facts["events.kvm_page_fault"]);
        Assert.Equal(faults, trace.Facts["accesses"] + trace.Facts["retriesMerged"]);
        Assert.Equal(accesses, trace.Vcpus.Sum(vcpu => vcpu.Accesses.Length));
        Assert.Equal(pages, trace.GfnCount);
        Assert.Equal(0, trace.Facts["unknownEvents"]);
        Assert.Equal(0, trace.Facts["cutLines"]);
    }

    [Theory]
    [InlineData("userfault/uf-mt-u10_exitless", 27, 0, 124 + 1138)]
    [InlineData("userfault/uf-mt-u11_limit64", 53, 3, 414 + 479 + 1154)]
    [InlineData("userfault/uf-mt-u12_rebit", 66, 17, 93 + 123)]
    [InlineData("userfault/uf-mt-u13_never", 23, 0, 123 + 36)]
    [InlineData("userfault/uf-mt-u4_mixed", 21, 0, 125 + 53)]
    [InlineData("userfault/uf-mt-u8a_guest_apf_off", 23, 0, 99 + 7)]
    [InlineData("userfault/uf-mt-u9_2vcpu", 33, 0, 215 + 445)]
    public void Cut_lines_are_counted_and_noted(string recording, int faults, int retries, int cut)
    {
        AccessTrace trace = TraceData.Read(recording + ".trace.txt.gz");

        Assert.Equal(faults, trace.Facts["events.kvm_page_fault"]);
        Assert.Equal(retries, trace.Facts["retriesMerged"]);
        Assert.Equal(faults - retries, trace.Facts["accesses"]);
        Assert.Equal(cut, trace.Facts["cutLines"]);
        Assert.Contains(trace.Notes, note => note.Contains($"{cut} lines were cut out", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_vcpus_touch_the_same_sixteen_pages_each()
    {
        AccessTrace trace = TraceData.Read("kvm/k6.12-s4_2vcpu.trace.txt.gz");

        Assert.Equal(["vcpu 0", "vcpu 1"], trace.Vcpus.Select(vcpu => vcpu.Name));
        Assert.Equal([18, 19], trace.Vcpus.Select(vcpu => vcpu.Accesses.Length));
        IEnumerable<long> shared = trace.Vcpus[0].Accesses.Select(access => access.Gfn)
            .Intersect(trace.Vcpus[1].Accesses.Select(access => access.Gfn));
        Assert.Equal(16 + 1, shared.Count());
        Assert.Equal(32, trace.Facts["events.kvm_async_pf_not_present"]);
    }

    [Fact]
    public void Think_time_is_guest_running_time_by_the_divisor_and_holds_no_waits()
    {
        string path = TraceData.PathOf("kvm/k6.12-s2_apf_off.trace.txt.gz");
        AccessTrace scaled = TraceReader.Read(path, new TraceOptions());
        AccessTrace recorded = TraceReader.Read(path, new TraceOptions { EmulatedClockDivisor = 1 });

        VcpuTrace vcpu = recorded.Vcpus[0];
        Assert.Equal(
            recorded.Facts["guestRunningRecordedNs"], vcpu.Accesses.Sum(access => access.ThinkNs) + vcpu.TailThinkNs);
        Assert.Equal(
            vcpu.Accesses.Select(access => access.ThinkNs / 50),
                scaled.Vcpus[0].Accesses.Select(access => access.ThinkNs));
        Assert.Contains(scaled.Notes, note => note.Contains("divided by 50", StringComparison.Ordinal));

        // 64 pages of 10 ms each were waited for.
        Assert.True(recorded.Facts["guestRunningRecordedNs"] < 10_000_000);
    }

    [Fact]
    public void The_guest_reads_its_pages_except_those_of_its_start()
    {
        VcpuTrace vcpu = TraceData.Read("kvm/k6.12-s1_apf_on.trace.txt.gz").Vcpus[0];

        Assert.Equal(3, vcpu.Accesses.Count(access => access.Flags.HasFlag(TraceAccessFlags.Write)));
        Assert.Equal(Enumerable.Range(0, 67).Select(i => (long)i), vcpu.Accesses.Select(access => access.Gfn));
        Assert.All(vcpu.Accesses, access => Assert.Equal(-1, access.ArrivalNs));
    }

    [Theory]
    [InlineData("kvm/k6.12-s5a_cpl0_nosend", true)]
    [InlineData("kvm/k6.12-s1_apf_on", false)]
    public void A_guest_recorded_at_CPL_0_is_all_kernel(string recording, bool kernel)
    {
        VcpuTrace vcpu = TraceData.Read(recording + ".trace.txt.gz").Vcpus[0];

        Assert.All(vcpu.Accesses, access => Assert.Equal(kernel, access.Flags.HasFlag(TraceAccessFlags.Kernel)));
    }
}
