using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using Xunit;

namespace UapiLab.Harness.Tests.Simulation;

/// <summary>Regression: the device once delivered every outstanding fetch together with the first.</summary>
public sealed class FetchTimeTests
{
    [Theory]
    [InlineData("mixed-threads:pages=5,mix=0,cpu-tasks=0,tasks=4,think=2ms,cpl0=0")]
    [InlineData("snapshot-resume:pages=40")]
    [InlineData("post-copy:vcpus=4,pages=40")]
    public void No_page_is_placed_before_its_fetch_is_due(string spec)
    {
        var workload = WorkloadCatalog.BuiltIn.Resolve(spec);
        var watch = new Watch(workload);
        using var simulator = new Simulator(new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"), workload,
            CostTable.Default, seed: 1)
        {
            Observer = watch,
        };
        watch.Clock = simulator.Machine.Clock;
        simulator.Run();
        Assert.True(watch.Overlapping > 0, "no two fetches were ever outstanding together");
        Assert.Empty(watch.Early);
    }

    private sealed class Watch(Workload workload) : IMachineObserver
    {
        private readonly Dictionary<ulong, long> _due = [];

        public StepClock? Clock { get; set; }
        public int Overlapping { get; private set; }
        public List<string> Early { get; } = [];

        public void On(in MachineEvent e)
        {
            if (e.Kind == MachineEventKind.FetchIssued)
            {
                Overlapping += _due.Count > 0 ? 1 : 0;
                var kind = (Disposition)workload.Choose(1, ChoiceKind.Disposition, e.Gfn);
                _due[e.Gfn] = Clock!.Now + workload.FetchNs(1, e.Gfn, e.Value == 0 ? Disposition.Async : kind);
            }
            else if (e.Kind == MachineEventKind.PagePlaced && _due.Remove(e.Gfn, out var at) && Clock!.Now < at)
            {
                Early.Add($"gfn {e.Gfn}: placed at {Clock.Now}, due at {at}");
            }
        }
    }
}
