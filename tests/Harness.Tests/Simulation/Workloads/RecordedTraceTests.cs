using UapiLab.Tests;
using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

/// <summary>Real recordings as the guest's accesses.</summary>
public sealed class RecordedTraceTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Theory]
    [InlineData("kvm/k6.12-s1_apf_on.trace.txt.gz")]
    [InlineData("kvm/k6.12-s4_2vcpu.trace.txt.gz")]
    [InlineData("userfault/uf-ic-u1_sync_nocap.trace.txt.gz")]
    [InlineData("postcopy/v2-lim32-np.dst.trace.txt.gz")]
    public void A_recording_is_replayed_to_its_end(string file)
    {
        var workload = Load(file, new());

        foreach (var encoding in s_registry.Families.Select(f => s_registry.Resolve(f.Id)))
        {
            var result = Run(encoding, workload);

            Assert.False(result.HasViolation);
            Assert.InRange(result.Faults, workload.Trace.GfnCount, long.MaxValue);
        }
    }

    [Fact]
    public void A_post_copy_log_says_which_pages_were_in_flight()
    {
        var workload = Load("postcopy/v2-lim32-np.dst.trace.txt.gz", new() { Background = 1 });
        var inFlight = Enumerable.Range(0, (int)workload.Trace.GfnCount)
            .Count(gfn => workload.Choose(1, ChoiceKind.Disposition, (ulong)gfn) == (int)Disposition.InFlight);

        Assert.InRange(inFlight, 1, workload.Trace.GfnCount);
        Assert.InRange(Run(s_registry.Resolve("single-bit"), workload).InFlightApf, 1, long.MaxValue);
        Assert.Equal(0, Run(s_registry.Resolve("never-async"), workload).InFlightApf);
    }

    private static TraceWorkload Load(string file, TraceWorkloadOptions options) =>
        new(TraceReader.Read(Path.Combine(GeneratedDoc.Root(), "tests/data/traces", file), new()), options);

    private static RunResult Run(Encoding encoding, Workload workload)
    {
        using var simulator = new Simulator(encoding, workload, CostTable.Default, seed: 1);
        return simulator.Run();
    }
}
