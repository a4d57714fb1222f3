using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Comparisons;

public sealed class SideResultTests
{
    private static ComparisonReport Report { get; } = SmallPlan.Run(SmallPlan.Make(
        ["never-async", "single-bit:apf=off", "single-bit", "multi-bit", "oracle"], side: true));

    [Fact]
    public void Apfs_stop_paying_between_ten_and_a_hundred_microseconds()
    {
        var row = Report.BreakEven!.Rows.Single(r => r.Encoding == "single-bit" && r.Costs == "default");

        Assert.InRange(row.FetchNs!.Value, 10_000, 100_000);
        Assert.InRange(row.LowestSpeedup!.Value, 0.5m, 0.99m);
        Assert.InRange(row.HighestSpeedup!.Value, 1.5m, 2);
        Assert.Empty(row.Remark);
    }

    [Fact]
    public void Expensive_signalling_moves_the_break_even_up()
    {
        long At(string costs) =>
            Report.BreakEven!.Rows.Single(r => r.Encoding == "single-bit" && r.Costs == costs).FetchNs!.Value;

        Assert.True(At("low") <= At("default") && At("default") < At("high"));
    }

    [Fact]
    public void Without_apfs_there_is_no_break_even_and_the_report_says_why()
    {
        var rows = Report.BreakEven!.Rows.Where(r => r.Encoding == "single-bit:apf=off").ToArray();

        Assert.All(rows, row =>
        {
            Assert.Null(row.FetchNs);
            Assert.Contains("never faster", row.Remark, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_baseline_has_no_break_even()
    {
        Assert.DoesNotContain(Report.BreakEven!.Rows, r => r.Encoding == "never-async");
    }

    [Fact]
    public void A_sweep_has_a_speed_up_for_each_value()
    {
        var row = Report.Sweep!.Rows.Single(r => r.Encoding == "single-bit");

        Assert.Equal([0.26m, 1], Report.Sweep.Values);
        Assert.True(row.Speedups[0]!.Value.Mean < row.Speedups[1]!.Value.Mean);
    }

    [Fact]
    public void Every_cost_is_moved_to_both_ends_of_its_range()
    {
        var tables = CostEnds.Each(CostTable.Default);

        Assert.Equal(CostTable.Default.Entries.Sum(e => new[] { e.LowNs, e.HighNs }.Count(end => end != e.Ns)) + 2,
            tables.Count);
        Assert.Equal(tables.Count, Report.Stability!.Tables);
        Assert.Contains(tables, t => t.Key == "threadWake=high"
            && t.Table[Cost.ThreadWake].Ns == CostTable.Default[Cost.ThreadWake].HighNs);
    }

    [Fact]
    public void All_costs_move_together_within_their_ranges()
    {
        var points = CostPoints.All(CostTable.Default, seed: 1);

        Assert.Equal(CostPoints.Count, points.Count);
        foreach (var entry in CostTable.Default.Entries)
        {
            long[] values = [.. points.Select(p => p.Table[entry.Kind].Ns).Order()];
            Assert.InRange(values[0], entry.LowNs, entry.HighNs);
            Assert.InRange(values[^1], entry.LowNs, entry.HighNs);
            if (entry.LowNs > 0 && entry.HighNs > entry.LowNs)
            {
                // As many above the middle of a ratio scale as below.
                var below = values.Count(v => v * v < entry.LowNs * entry.HighNs);
                Assert.InRange(below, (CostPoints.Count / 2) - 4, (CostPoints.Count / 2) + 4);
            }
        }

        Assert.Equal(points.Select(p => p.Key).Distinct().Count(), points.Count);
    }

    /// <summary>Two prices move, and one of them decides whether handing faults to a thread pays.</summary>
    [Fact]
    public void What_an_order_depends_on_is_told()
    {
        var costs = new CostTable([.. CostTable.Default.Entries.Select(e =>
            e.Kind is Cost.ThreadWake or Cost.TlbRewalk ? e : e with { LowNs = e.Ns, HighNs = e.Ns })]);
        var plan = SmallPlan.Make(["never-async", "exitless", "oracle"], ["post-copy:pages=40"], side: true);
        var report = SmallPlan.Run(plan with { BreakEven = null, Sweep = null, Costs = costs });

        var open = Assert.Single(report.Stability!.Open);

        Assert.Equal(("exitless", "never-async"), (open.Faster, open.Slower));
        Assert.Contains("threadWake=high", open.ReversedBy.Concat(open.TiedAt));
        Assert.True(open.SettledBy is { Price: "threadWake", IsKeptBelow: true });
        Assert.InRange(open.SettledBy.AtNs, 2_300, 50_000);
        Assert.InRange(open.SettledBy.Points, open.Kept + 1, open.Points);
        Assert.Equal("threadWake", open.Tornado[0].Price);
        Assert.True(open.Tornado[0].Low > open.Tornado[0].High);
        Assert.All(report.Stability.NamedPoints,
            p => Assert.Contains(p.Key, open.ReversedBy.Concat(open.TiedAt)));
    }

    [Fact]
    public void A_clear_order_stays_and_ties_are_no_order()
    {
        var row = Report.Stability!.Rows.Single(r => r.Workload == "mixed-threads:pages=30");

        // Three with APFs ahead of two without, the oracle left out; all else is a tie.
        Assert.Equal(4, row.Orderings.Count);
        Assert.All(row.Orderings, o => Assert.True(o.IsRobust));
        Assert.All(row.Orderings, o => Assert.Equal((CostPoints.Count, CostPoints.Count), (o.Kept, o.Points)));
    }
}
