using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>One line of a workload's table, as text. Every writer shows these; they differ in width and
/// decoration.</summary>
/// <param name="Label">Encoding with its marks.</param>
/// <param name="Speedup">Over the baseline, with half the width of its interval.</param>
/// <param name="SpeedupInterval">The same with both ends.</param>
/// <param name="Narrow">Values of <see cref="WorkloadTable.NarrowColumns"/>.</param>
/// <param name="Wide">Values of <see cref="Metric.WideColumns"/>.</param>
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
    IReadOnlyList<string> Narrow,
    IReadOnlyList<string> Wide,
    string Violations,
    string BestPolicy,
    string BestSpeedup,
    string BestMean,
    bool BestGains,
    string OracleShare);

/// <summary>The lines of a workload's table.</summary>
public static class WorkloadTable
{
    /// <summary>The columns of a workload's narrow table: all but those that may be left out and are 0.00 for every
    /// encoding.</summary>
    public static IReadOnlyList<Metric> NarrowColumns(ComparisonReport report, WorkloadEntry workload)
    {
        var zero = Words.PerFault(0);
        var cells = report.Cells.Where(c => c.Workload == workload.Name && c.Role == PolicyRole.Common).ToArray();
        return
        [
            .. Metric.NarrowColumns.Where(m => !m.Column!.IsLeftOutWhereZero
                || cells.Any(c => c.PerFault(m) is { } value && Words.PerFault(value) != zero)),
        ];
    }

    /// <summary>Cells of a workload under its common policy, each with its counterpart under the encoding's
    /// best.</summary>
    public static IReadOnlyList<WorkloadLine> Of(ComparisonReport report, WorkloadEntry workload)
    {
        var narrow = NarrowColumns(report, workload);
        return
        [
            .. from cell in report.Cells
               where cell.Workload == workload.Name && cell.Role == PolicyRole.Common
               let best = report.Cells.FirstOrDefault(c => c.Workload == cell.Workload && c.Encoding == cell.Encoding
                   && c.Predict == cell.Predict && c.Role == PolicyRole.Best)
               select Line(report, narrow, cell, best),
        ];
    }

    /// <summary>The violations of a cell by name and number; its error if it has one.</summary>
    public static string Violations(Cell cell) => cell.Error.Length > 0
        ? $"defect: {cell.Error}"
        : string.Join(", ", cell.Violations.Where(v => v.Value != 0).Select(v => Invariant($"{v.Key} {v.Value}")));

    /// <summary>What the headings of the table on the screen mean, in lines of this width.</summary>
    public static string ScreenLegend(int width)
    {
        var perFault = Legend(Metric.NarrowColumns, times: false, c => $"{c.Heading} = {c.ShortLegend}");
        var times = Legend(Metric.NarrowColumns, times: true, c => $"{c.Heading}: {c.ShortLegend}");
        return new TextPage(width, CleanText.Printable)
            .Wrap($"speed-up: +- half the 95 % interval; per fault: {perFault}; {times}; "
            + "a column of 0.00 may be left out; viol: violations; p: accuracy of prediction; "
            + "own best policy: speed-up if encoding and baseline each have their best policy, "
            + "where the encoding then takes at least 1 % less time").ToString();
    }

    /// <summary>What stands in a legend for those columns that are times, or for those that count for each
    /// fault.</summary>
    internal static string Legend(IEnumerable<Metric> columns, bool times, Func<MetricColumn, string> entry) =>
        string.Join(times ? "; " : ", ", columns.Where(m => m.IsTime == times).Select(m => entry(m.Column!)));

    private static string Value(Cell cell, Metric metric) =>
        metric.IsTime ? Words.Duration(cell[metric]?.Mean) : Words.PerFault(cell.PerFault(metric));

    private static WorkloadLine Line(ComparisonReport report, IReadOnlyList<Metric> narrow, Cell cell, Cell? best)
    {
        var varies = report.Cells.Any(c => c.Workload == cell.Workload && c.Encoding == cell.Encoding
            && c.Predict != cell.Predict);
        return new(
            Words.Label(report, cell.Encoding, cell.Predict, varies),
            Words.PlusMinus(cell[Metric.Speedup]),
            Words.Interval(cell[Metric.Speedup]),
            [.. narrow.Select(m => Value(cell, m))],
            [.. Metric.WideColumns.Select(m => Value(cell, m))],
            Violations(cell),
            best?.Policy ?? Words.Unknown,
            Words.PlusMinus(best?[Metric.Speedup]),
            Words.Number(best?[Metric.Speedup]?.Mean),
            best?[Metric.ElapsedNs] is { } shorter && cell[Metric.ElapsedNs] is { } usual
                && usual.Mean >= shorter.Mean * 1.01m,
            Words.Number(cell[Metric.OracleShare]?.Mean, 2));
    }
}
