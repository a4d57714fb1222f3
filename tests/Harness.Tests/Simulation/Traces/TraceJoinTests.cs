using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

public sealed class TraceJoinTests
{
    [Fact]
    public void Recordings_become_vcpus_that_share_no_page()
    {
        string[] paths =
        [
            TraceData.PathOf("kvm/k6.12-s4_2vcpu.trace.txt.gz"),
            TraceData.PathOf("postcopy/v2-lim32-np.dst.trace.txt.gz"),
            TraceData.PathOf("kvm/k6.12-s4_2vcpu.trace.txt.gz"),
        ];

        AccessTrace trace = TraceReader.ReadMany(paths, new TraceOptions());

        Assert.Equal(
            ["1: vcpu 0", "1: vcpu 1", "2: vcpu 0", "2: vcpu 1", "3: vcpu 0", "3: vcpu 1"],
            trace.Vcpus.Select(vcpu => vcpu.Name));
        Assert.Equal("kvm+postcopy", trace.Format);
        Assert.Equal(20 + 174 + 20, trace.GfnCount);
        Assert.Equal(37 + 182 + 37, trace.Facts["accesses"]);
        Assert.Equal(20, trace.Vcpus[2].Accesses.Concat(trace.Vcpus[3].Accesses).Min(access => access.Gfn));
        Assert.Equal(194, trace.Vcpus[4].Accesses.Concat(trace.Vcpus[5].Accesses).Min(access => access.Gfn));
        Assert.Equal(214, trace.BackgroundArrivals[0].Gfn);
        Assert.Equal(72840, trace.BackgroundArrivals.Select(page => page.Gfn).Distinct().Count());
    }

    [Fact]
    public void One_recording_is_read_as_it_is()
    {
        string path = TraceData.PathOf("kvm/k6.12-s1_apf_on.trace.txt.gz");

        AccessTrace trace = TraceReader.ReadMany([path], new TraceOptions());

        Assert.Equal(TraceReader.Read(path, new TraceOptions()).Vcpus[0].Accesses, trace.Vcpus[0].Accesses);
        Assert.Equal("vcpu 0", trace.Vcpus[0].Name);
    }

    [Fact]
    public void No_recording_is_an_error()
    {
        Assert.Throws<ArgumentException>(() => TraceReader.ReadMany([], new TraceOptions()));
    }

    [Fact]
    public void Options_out_of_range_are_an_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TraceReader.Read("unused", new TraceOptions { EmulatedClockDivisor = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TraceReader.Read("unused", new TraceOptions { NsPerInstruction = -1 }));
    }
}
