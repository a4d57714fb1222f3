using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Tests.Comparisons;

public sealed class ClaimTests
{
    private const string Sync = "all-sync:pages=30";

    [Theory]
    [InlineData(Relation.Less, 3, Verdict.Holds)]
    [InlineData(Relation.Less, 2, Verdict.NotDecided)]
    [InlineData(Relation.Less, 1, Verdict.DoesNotHold)]
    [InlineData(Relation.AtMost, 2, Verdict.Holds)]
    [InlineData(Relation.AtMost, 1, Verdict.NotDecided)]
    [InlineData(Relation.AtMost, 0, Verdict.DoesNotHold)]
    [InlineData(Relation.Greater, 0, Verdict.Holds)]
    [InlineData(Relation.Greater, 1, Verdict.NotDecided)]
    [InlineData(Relation.Greater, 2, Verdict.DoesNotHold)]
    [InlineData(Relation.AtLeast, 1, Verdict.Holds)]
    [InlineData(Relation.AtLeast, 2, Verdict.NotDecided)]
    [InlineData(Relation.AtLeast, 3, Verdict.DoesNotHold)]
    [InlineData(Relation.Equal, 1, Verdict.NotDecided)]
    [InlineData(Relation.Equal, 3, Verdict.DoesNotHold)]
    public void The_interval_decides(Relation relation, int value, Verdict expected)
    {
        Assert.Equal(expected, ClaimPhase.Judge(new Summary(5, 1.5m, 1, 2), relation, value, 0));
    }

    [Fact]
    public void Tolerance_widens_what_counts_as_equal()
    {
        Assert.Equal(Verdict.Holds, ClaimPhase.Judge(new Summary(5, 1.5m, 1, 2), Relation.Equal, 1.5m, 0.5m));
    }

    [Fact]
    public void A_metric_per_fault_is_divided_run_by_run()
    {
        var result =
            Decide(SmallPlan.Claim("single-bit", Sync, "backToBackApf", Relation.Equal,
                1) with
            { Per = Metric.NotPresentInjected });

        Assert.Equal(Verdict.Holds, result.Verdict);
        Assert.Equal(1, result.Measured!.Value.Mean);
    }

    [Fact]
    public void Two_encodings_are_compared_seed_by_seed()
    {
        var claim = SmallPlan.Claim("multi-bit", "all-sync:pages=30,predict=0", "notPresentInjected", Relation.Equal,
            1) with
        {
            Versus = EncodingSpecs.Plan(SmallPlan.Registry, "single-bit"),
        };

        Assert.Equal(Verdict.Holds, Decide(claim).Verdict);
        Assert.Equal(Verdict.Holds, Decide(claim with { By = VersusMode.Difference, Value = 0 }).Verdict);
    }

    [Fact]
    public void A_ratio_to_nothing_is_not_decided_and_says_why()
    {
        var result = Decide(SmallPlan.Claim("single-bit", Sync, "notPresentInjected", Relation.Less, 1) with
        {
            Versus = EncodingSpecs.Plan(SmallPlan.Registry, "async-hint"),
        });

        Assert.Equal(Verdict.NotDecided, result.Verdict);
        Assert.Null(result.Measured);
        Assert.Contains("async-hint has 0", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Speed_ups_and_violations_can_be_claimed()
    {
        Assert.Equal(Verdict.Holds,
            Decide(SmallPlan.Claim("single-bit", "mixed-threads:pages=30", Metric.Speedup.Name, Relation.Greater,
            1.5m)).Verdict);
        Assert.Equal(Verdict.Holds,
            Decide(SmallPlan.Claim("single-bit", Sync, "lostWakeup", Relation.Equal, 0)).Verdict);
        Assert.Equal(Verdict.DoesNotHold,
            Decide(SmallPlan.Claim("single-bit", Sync, Metric.Speedup.Name, Relation.AtLeast, 1)).Verdict);
    }

    [Fact]
    public void A_claim_about_an_encoding_that_breaks_the_contract_is_not_decided()
    {
        var result = Decide(SmallPlan.Claim("stuck", Sync, "faults", Relation.Greater, 0));

        Assert.Equal(Verdict.NotDecided, result.Verdict);
        Assert.StartsWith("stuck: ", result.Reason, StringComparison.Ordinal);
    }

    private static ClaimResult Decide(Claim claim)
    {
        var plan = SmallPlan.Make(workloads: [Sync]) with { Claims = [("0001-a", claim)] };
        return Assert.Single(SmallPlan.Run(plan).Claims);
    }
}
