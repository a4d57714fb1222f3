using System.Text;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>The trace format that anybody can write, and the script that makes it of what tracers print.</summary>
public sealed class CsvTests
{
    private const string Sample = """
        # a guest of two vCPUs
        time,vcpu,gfn,write,fetch

        10.000002,1,0x10,1,0.00003
        10.5,0,17,0,
        10.500001,1,17,0,0.0
        10.5000025,0,16,0,
        """;

    [Fact]
    public void Each_line_is_an_access_of_its_vcpu()
    {
        AccessTrace trace = TraceData.ReadText(Sample);

        Assert.Equal("csv", trace.Format);
        Assert.Equal(["vcpu 0", "vcpu 1"], trace.Vcpus.Select(vcpu => vcpu.Name));
        Assert.Equal(
            [
                new TraceAccess(499_998_000, 1, TraceAccessFlags.None, -1),
                new TraceAccess(2_500, 0, TraceAccessFlags.None, -1),
            ],
            trace.Vcpus[0].Accesses);
        Assert.Equal(
            [
                new TraceAccess(0, 0, TraceAccessFlags.Write, 30_000),
                new TraceAccess(499_999_000, 1, TraceAccessFlags.None, 0),
            ],
            trace.Vcpus[1].Accesses);
        Assert.Equal(2, trace.GfnCount);
        Assert.Equal(1, trace.Facts["fetchTimes"]);
    }

    [Theory]
    [InlineData("0.5,0,1", 2, "4 values with commas between them: `time,vcpu,gfn,write`")]
    [InlineData("0.5,0,1,0,0.1", 2, "4 values")]
    [InlineData("5,0,1,0", 2, "`time` in seconds with one to nine decimals")]
    [InlineData("0.5,4095,1,0", 2, "`vcpu` from 0 to 4094")]
    [InlineData("0.5,-1,1,0", 2, "`vcpu` from 0 to 4094")]
    [InlineData("0.5,0,1f,0", 2, "`gfn` as a decimal or 0x-hexadecimal number below 2^52")]
    [InlineData("0.5,0,0x10000000000000,0", 2, "`gfn`")]
    [InlineData("0.5,0,1,w", 2, "`write` as 0 or 1")]
    [InlineData("0.5,0,1,0\n0.6,1,1,0\n0.4,0,2,0", 4, "a time of vCPU 0 that is at least the one before, 0.5")]
    [InlineData("", 1, "a line behind the header")]
    public void What_is_wrong_is_told_with_its_line(string lines, int line, string expected)
    {
        TraceFormatException failure = TraceData.Fails(Encoding.Latin1.GetBytes("time,vcpu,gfn,write\n" + lines));

        Assert.Equal(line, failure.Line);
        Assert.StartsWith(expected, failure.Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5,0,1,0,30us")]
    [InlineData("0.5,0,1,0,1000.000000001")]
    public void A_fetch_is_a_time_or_nothing(string line)
    {
        TraceFormatException failure =
            TraceData.Fails(Encoding.Latin1.GetBytes("time,vcpu,gfn,write,fetch\n" + line));

        Assert.StartsWith("`fetch` in seconds", failure.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_before_the_header_is_no_access()
    {
        TraceFormatException failure = TraceData.Fails("0.5,0,1,0\ntime,vcpu,gfn,write\n"u8.ToArray());

        Assert.Equal(1, failure.Line);
        Assert.Equal(CsvLine.Header, failure.Expected);
    }

    [Theory]
    [InlineData("kvm/k6.12-s1_apf_on", 64)]
    [InlineData("kvm/k6.12-s2_apf_off", 64)]
    [InlineData("kvm/k6.12-s4_2vcpu", 32)]
    public void A_recording_turned_into_CSV_is_the_recording_with_its_fetch_times(string recording, int fetched)
    {
        Tool.Awk.Require();
        string path = TraceData.PathOf(recording + ".trace.txt.gz");
        AccessTrace direct = TraceReader.Read(path, new TraceOptions { EmulatedClockDivisor = 1 });

        AccessTrace trace = TraceData.ReadText(Csv(Encoding.Latin1.GetString(Packed.Unpack(path))));

        Assert.Equal(direct.Vcpus.Select(vcpu => vcpu.Name), trace.Vcpus.Select(vcpu => vcpu.Name));
        Assert.Equal(direct.GfnCount, trace.GfnCount);
        foreach ((VcpuTrace expected, VcpuTrace vcpu) in direct.Vcpus.Zip(trace.Vcpus))
        {
            Assert.Equal(expected.Accesses.Select(Page), vcpu.Accesses.Select(Page));
            Assert.Equal(
                expected.Accesses.Skip(1).Select(access => access.ThinkNs),
                vcpu.Accesses.Skip(1).Select(access => access.ThinkNs));
        }

        Assert.Equal(fetched, trace.Facts["fetchTimes"]);
        Assert.Equal(fetched, direct.Facts["events.kvm_async_pf_completed"]);
    }

    [Theory]
    [InlineData(" vmm 6903 [001] 7.000052: exceptions:page_fault_user: address=0x7f3fa8144b70 ip=0x1 error_code=0x14\n"
        + " vmm 6904 [000] 7.000060: exceptions:page_fault_user: address=0x7f3fa815ce06 ip=0x1 error_code=0x6\n")]
    [InlineData("  7000.052 vmm/6903 exceptions:page_fault_user(address: 0x7f3fa8144b70, ip: 1, error_code: 20)\n"
        + "  7000.060 vmm/6904 exceptions:page_fault_user(address: 0x7f3fa815ce06, ip: 1, error_code: 6)\n")]
    public void Faults_of_a_process_are_accesses_of_its_threads(string text)
    {
        Tool.Awk.Require();

        Assert.Equal(
            "time,vcpu,gfn,write,fetch\n7.000052000,0,0x0007f3fa8144,0,\n7.000060000,1,0x0007f3fa815c,1,\n", Csv(text));
    }

    private static (long Gfn, TraceAccessFlags Write) Page(TraceAccess access) =>
        (access.Gfn, access.Flags & TraceAccessFlags.Write);

    private static string Csv(string text)
    {
        string script = Path.Combine(GeneratedDoc.Root(), "eng", "faults-to-csv.awk");
        (int exit, string csv, string error) = Tool.Run(Path.GetTempPath(), text, "awk", "-f", script);
        Assert.True(exit == 0, error);
        return csv;
    }
}
