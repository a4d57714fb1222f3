using UapiLab.Encodings;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Tests.Comparisons;
using Xunit;

namespace UapiLab.Harness.Tests.Simulation;

/// <summary>What an encoding counts of itself is counted once each, however often an operation is taken up again.
/// </summary>
public sealed class OwnEventTests
{
    /// <summary>Whoever resolves every fault before it re-enters accepts none: KVM completes each APF itself, those of
    /// accesses in kernel mode too, for which no not-present can be injected.</summary>
    [Fact]
    public void Each_apf_of_all_sync_is_completed_by_kvm_once()
    {
        var result = Run("async-hint:inject=at-fault", "all-sync");

        Assert.True(result.Faults > result.NotPresentInjected);
        Assert.Equal([result.Faults], result.OwnEvents);
    }

    /// <summary>Who has no ring exits at each fault, and signals nothing.</summary>
    [Fact]
    public void A_small_ring_is_full_more_often()
    {
        var large = Run("exitless", "mixed");
        var small = Run("exitless:ring=1", "mixed");

        Assert.Equal(3, large.OwnEvents.Count);
        Assert.InRange(small.OwnEvents[1], large.OwnEvents[1] + 1, small.Faults);
        Assert.InRange(small.Exits, small.OwnEvents[1], small.Faults);
        Assert.True(large.OwnEvents[2] > 0);
    }

    [Fact]
    public void A_report_names_them()
    {
        var report = SmallPlan.Run(
            SmallPlan.Make(["never-async", "exitless", "oracle"], ["all-sync:pages=20"]));
        var cells = report.Cells.ToLookup(c => c.Encoding);

        Assert.All(cells["exitless"], c => Assert.Equal(["autoCompleted", "fullRing", "signals"],
            c.OwnEvents.Select(e => e.Key)));
        Assert.All(cells["never-async"], c => Assert.Empty(c.OwnEvents));
    }

    private static RunResult Run(string encoding, string workload)
    {
        var planned = WorkloadCatalog.BuiltIn.Plan(workload);
        using var simulator = new Simulator(new EncodingRegistry(BuiltInEncodings.All).Resolve(encoding),
            planned.At(planned.Predict, planned.CommonPolicy).Workload, CostTable.Default, seed: 1);
        return simulator.Run();
    }
}
