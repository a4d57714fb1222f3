namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>How the results were obtained, and what they do not cover.</summary>
internal static class MethodText
{
    /// <summary>One or more sentences a point.</summary>
    public static IReadOnlyList<string> Of(ComparisonReport report) =>
    [
        "Every encoding meets the same world: what is where, how long each fetch takes and what the VMM predicts "
            + "are functions of the seed and the frame, not of what was asked before.",
        "The common policy of a workload is the same for all encodings. The best policy is the one with the "
            + "lowest mean elapsed time among "
            + string.Join(", ", report.PolicySearches.SelectMany(s => s.Outcomes.Select(o => o.Policy)).Distinct())
                + "; those without violation come first. In that column the baseline runs under its own best "
                + "policy, too.",
        "Whether predictions matter to an encoding on a workload is found out by running the first seed at both "
            + "ends under every policy; where nothing changes, one line stands for all accuracies.",
        "The share of the oracle's gain is left out where the interval of either gain includes 0.",
        "Intervals are Student's t at 95 % over the seeds: they cover what the seeds vary, not the cost table, "
            + "not the model, not the choice of workloads. No correction is made for the number of comparisons.",
        "Costs are mostly ranges, see above; what they turn over is listed.",
        "The fetch time at which an encoding stops paying is looked for on a grid of four points per decade, from "
            + "the long end, and then by bisection on one of sixteen: it is known to within 15 %, and a dip "
            + "between two neighbours of the coarse grid is missed.",
        "What is and is not modelled: docs/model.md. Definitions of the metrics: docs/metrics.md. Layout of the "
            + "JSON report: docs/report-format.md.",
    ];
}
