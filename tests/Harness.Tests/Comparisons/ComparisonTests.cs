using UapiLab.Tests;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Tests.Comparisons;

public sealed class ComparisonTests
{
    private const string Pair = "mixed-threads:pages=30";
    private const string Sync = "all-sync:pages=30";

    [Fact]
    public void A_cell_has_every_metric_and_violation_in_the_order_of_the_table()
    {
        var report = SmallPlan.Run(SmallPlan.Make());

        Assert.All(report.Cells, cell =>
        {
            Assert.Equal(Metric.OfRun.Concat(Metric.Derived), cell.Metrics.Keys);
            Assert.Equal(Metric.Violations.Select(m => m.Name), cell.Violations.Select(v => v.Key));
        });
    }

    [Fact]
    public void The_metrics_are_those_of_the_page()
    {
        GeneratedDoc.Check("docs/metrics.md", "metrics", Metric.OfRun.Select(Row));
        GeneratedDoc.Check("docs/metrics.md", "derived", Metric.Derived.Select(Row));
        GeneratedDoc.Check("docs/metrics.md", "violations",
            from property in MachineProperty.All
            where property.Violation is { } kind && Metric.Violations.Any(m => m.Name == Metric.NameOf(kind))
            select $"| `{Metric.NameOf(property.Violation!.Value)}` | {property.InSimulation ?? property.Outcome} |");

        static string Row(Metric metric) => $"| `{metric.Name}` | {metric.Unit} | {metric.Meaning} |";
    }

    [Fact]
    public void Each_column_has_a_place_of_its_own_and_a_legend()
    {
        Assert.Equal(Enumerable.Range(1, Metric.WideColumns.Count), Metric.WideColumns.Select(m => m.Column!.Place));
        Assert.All(Metric.WideColumns,
            m => Assert.True(m.Column!.Legend.Length > 0 && m.Column.ShortLegend.Length > 0, m.Name));
    }

    /// <summary>Late ones and those in flight are 0.00 throughout on all-sync; the back-to-back column stays where it
    /// is.</summary>
    [Fact]
    public void A_narrow_table_leaves_columns_of_zeros_out_but_never_the_back_to_back_ones()
    {
        var report = SmallPlan.Run(SmallPlan.Make());

        Assert.Equal(["b2b", "usel", "inj", "exit", "p99"], Headings(Sync));
        Assert.Equal(["b2b", "inj", "exit", "p99"], Headings(Pair).Except(["usel", "infl"]));
        Assert.All(report.Workloads, w => Assert.All(WorkloadTable.Of(report, w),
            line => Assert.Equal(WorkloadTable.NarrowColumns(report, w).Count, line.Narrow.Count)));

        IEnumerable<string> Headings(string workload) =>
            WorkloadTable.NarrowColumns(report, report.Workloads.Single(w => w.Name == workload))
                .Select(m => m.Column!.Heading);
    }

    [Fact]
    public void Baseline_is_compared_with_itself_and_the_oracle_has_its_whole_gain()
    {
        var report = SmallPlan.Run(SmallPlan.Make());

        Assert.Equal(1, SmallPlan.CellOf(report, "never-async", Pair)[Metric.Speedup]!.Value.Mean);
        Assert.Equal(1, SmallPlan.CellOf(report, "oracle", Pair)[Metric.OracleShare]!.Value.Mean);
        Assert.Null(SmallPlan.CellOf(report, "never-async", Pair)[Metric.OracleShare]);
    }

    [Fact]
    public void Predictions_are_reported_where_they_matter_and_once_where_they_do_not()
    {
        var report = SmallPlan.Run(SmallPlan.Make());

        decimal?[] Levels(string encoding) =>
            [.. report.Cells.Where(c => c.Encoding == encoding && c.Workload == Sync && c.Role == PolicyRole.Common)
                .Select(c => c.Predict)];
        Assert.Equal([null], Levels("single-bit"));
        Assert.Equal([0, 0.5m, 1], Levels("multi-bit"));
        Assert.Equal(0, SmallPlan.CellOf(report, "multi-bit", Sync, predict: 1)[Metric.NotPresentInjected]!.Value.Mean);
        Assert.Equal(
            SmallPlan.CellOf(report, "single-bit", Sync)[Metric.NotPresentInjected]!.Value.Mean,
            SmallPlan.CellOf(report, "multi-bit", Sync, predict: 0)[Metric.NotPresentInjected]!.Value.Mean);
    }

    [Fact]
    public void A_workload_whose_accuracy_the_user_fixed_is_reported_at_that_one()
    {
        var report = SmallPlan.Run(SmallPlan.Make(workloads: ["all-sync:pages=30,predict=0.25"]));

        Assert.All(report.Cells, cell => Assert.Equal(0.25m, cell.Predict));
    }

    [Fact]
    public void Best_policy_is_the_one_with_the_lowest_elapsed_time()
    {
        var report = SmallPlan.Run(SmallPlan.Make());

        Assert.All(report.Cells.Where(c => c.Role == PolicyRole.Best), cell =>
        {
            var search = report.PolicySearches.Single(s => s.Encoding == cell.Encoding && s.Workload == cell.Workload
                && s.Predict == cell.Predict);
            Assert.Equal(search.Outcomes.Min(o => o.ElapsedNs),
                search.Outcomes.Single(o => o.Policy == cell.Policy).ElapsedNs);
            Assert.Equal(cell[Metric.ElapsedNs]!.Value.Mean,
                search.Outcomes.Single(o => o.Policy == cell.Policy).ElapsedNs);
        });
    }

    [Fact]
    public void Common_policy_is_the_same_for_every_encoding()
    {
        var report = SmallPlan.Run(SmallPlan.Make());

        Assert.All(report.Workloads, workload => Assert.Equal(
            [workload.Policy],
            report.Cells.Where(c => c.Workload == workload.Name && c.Role == PolicyRole.Common).Select(c => c.Policy)
                .Distinct()));
    }

    [Fact]
    public void One_repetition_has_no_interval_and_no_share_of_a_gain()
    {
        var report = SmallPlan.Run(SmallPlan.Make(seeds: 1));

        Assert.All(report.Cells, cell => Assert.Null(cell[Metric.OracleShare]));
        Assert.False(SmallPlan.CellOf(report, "single-bit", Pair)[Metric.Speedup]!.Value.HasInterval);
    }

    [Fact]
    public void An_encoding_that_breaks_the_contract_spoils_its_own_cells_only()
    {
        var report = SmallPlan.Run(SmallPlan.Make(encodings: ["never-async", "stuck", "oracle"]));

        Assert.All(report.Cells.Where(c => c.Encoding == "stuck"), cell =>
        {
            Assert.Contains("Checkpoint", cell.Error, StringComparison.Ordinal);
            Assert.Empty(cell.Metrics);
        });
        Assert.Equal(2, report.Cells.Count(c => c.Encoding == "stuck")); // there is no best policy
        Assert.All(report.Cells.Where(c => c.Encoding != "stuck"), cell => Assert.Empty(cell.Error));
        Assert.True(report.HasViolation);
    }

    [Fact]
    public void What_is_reported_as_it_comes_out_is_no_failure()
    {
        var plan = SmallPlan.Make(encodings: ["never-async", "stuck", "oracle"]);
        plan = plan with
        {
            Encodings =
            [.. plan.Encodings.Select(e => e with { ViolationsExpected = e.Name == "stuck" })]
        };

        Assert.False(SmallPlan.Run(plan).HasViolation);
    }

    [Fact]
    public void Interrupting_keeps_what_was_done_and_says_so()
    {
        using var stop = new CancellationTokenSource();
        var report = Harness.Comparisons.Comparison.Run(SmallPlan.Make(side: true, threads: 1),
            new StopAfterCells(stop), stop.Token);

        Assert.Contains("interrupted", report.Incomplete, StringComparison.Ordinal);
        Assert.NotEmpty(report.Cells);
        Assert.Null(report.Stability);
    }

    [Fact]
    public void An_error_in_a_later_part_keeps_what_came_before_it()
    {
        var plan = SmallPlan.Make(side: true);
        var report =
            SmallPlan.Run(
                plan with
                {
                    BreakEven =
                plan.BreakEven! with { AtFetch = _ => throw new InvalidOperationException("by the test") }
                });

        Assert.Contains("by the test", Assert.Single(report.InternalErrors), StringComparison.Ordinal);
        Assert.NotEmpty(report.Incomplete);
        Assert.NotEmpty(report.Cells);
        Assert.NotNull(report.Sweep);
        Assert.Null(report.BreakEven);
    }

    [Theory]
    [InlineData("encoding 'single-bit'",
        new[] { "never-async", "single-bit", "single-bit:variant=repaired", "oracle" })]
    [InlineData("oracle 'oracle'", new[] { "never-async" })]
    public void A_plan_that_contradicts_itself_is_refused(string place, string[] encodings)
    {
        var error = Assert.Throws<InputException>(() => SmallPlan.Run(SmallPlan.Make(encodings)));

        Assert.StartsWith(place, error.Message, StringComparison.Ordinal);
    }

    private sealed class StopAfterCells(CancellationTokenSource stop) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value)
        {
            if (value.Phase.StartsWith("sweeping", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }
    }
}
