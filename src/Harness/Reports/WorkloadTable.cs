using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Reports;

/// <summary>One line of a workload's table, as text. Every writer shows these; they differ in width and decoration.</summary>
/// <param name="Label">Encoding with its marks.</param>
/// <param name="Speedup">Over the baseline, with half the width of its interval.</param>
/// <param name="SpeedupInterval">The same with both ends.</param>
/// <param name="Spurious">Spurious APFs per fault.</param>
/// <param name="Injected">Not-presents per fault.</param>
/// <param name="InFlight">Not-presents for pages in flight, per fault.</param>
/// <param name="Exits">Exits to userspace per fault.</param>
/// <param name="P99">99th percentile of the fault latency.</param>
/// <param name="Violations">What was broken; empty if nothing was.</param>
/// <param name="BestPolicy">The encoding's own best policy.</param>
/// <param name="BestSpeedup">Speed-up under it, over the baseline under its own best one.</param>
/// <param name="BestMean">The same without its interval.</param>
/// <param name="BestGains">Whether it takes at least one per cent less time than the common policy.</param>
/// <param name="OracleShare">Share of the oracle's gain.</param>
public sealed record WorkloadLine(
    string Label,
    string Speedup,
    string SpeedupInterval,
    string Spurious,
    string Injected,
    string InFlight,
    string Exits,
    string P99,
    string Violations,
    string BestPolicy,
    string BestSpeedup,
    string BestMean,
    bool BestGains,
    string OracleShare);

/// <summary>The lines of a workload's table.</summary>
public static class WorkloadTable
{
    /// <summary>Cells of a workload under its common policy, each with its counterpart under the encoding's best.</summary>
    public static IReadOnlyList<WorkloadLine> Of(ComparisonReport report, WorkloadEntry workload) =>
    [
        .. from cell in report.Cells
           where cell.Workload == workload.Name && cell.Role == PolicyRole.Common
           let best = report.Cells.FirstOrDefault(c => c.Workload == cell.Workload && c.Encoding == cell.Encoding
               && c.Predict == cell.Predict && c.Role == PolicyRole.Best)
           select Line(report, cell, best),
    ];

    /// <summary>The violations of a cell by name and number; its error if it has one.</summary>
    public static string Violations(Cell cell) => cell.Error.Length > 0
        ? $"defect: {cell.Error}"
        : string.Join(", ", cell.Violations.Where(v => v.Value != 0).Select(v => FormattableString.Invariant($"{v.Key} {v.Value}")));

    private static WorkloadLine Line(ComparisonReport report, Cell cell, Cell? best)
    {
        var varies = report.Cells.Any(c => c.Workload == cell.Workload && c.Encoding == cell.Encoding && c.Predict != cell.Predict);
        return new(
            Words.Label(report, cell.Encoding, cell.Predict, varies),
            Words.PlusMinus(cell[MetricNames.Speedup]),
            Words.Interval(cell[MetricNames.Speedup]),
            Words.PerFault(cell.PerFault("spuriousApf")),
            Words.PerFault(cell.PerFault("notPresentInjected")),
            Words.PerFault(cell.PerFault("inFlightApf")),
            Words.PerFault(cell.PerFault("exits")),
            Words.Duration(cell["faultLatencyNsP99"]?.Mean),
            Violations(cell),
            best?.Policy ?? Words.Unknown,
            Words.PlusMinus(best?[MetricNames.Speedup]),
            Words.Number(best?[MetricNames.Speedup]?.Mean),
            best?["elapsedNs"] is { } shorter && cell["elapsedNs"] is { } usual && usual.Mean >= shorter.Mean * 1.01m,
            Words.Number(cell[MetricNames.OracleShare]?.Mean, 2));
    }
}
