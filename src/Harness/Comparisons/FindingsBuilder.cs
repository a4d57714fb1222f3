using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons;

/// <summary>Says in words what the cells under the common policy show.</summary>
internal static class FindingsBuilder
{
    private const decimal HardlyAny = 0.01m;
    private const decimal NearlyAll = 0.9m;

    public static IReadOnlyList<Finding> Build(ComparisonReport report) =>
        [.. report.Workloads.SelectMany(w => Sentences(report, w).Select(text => new Finding(w.Name, text)))];

    private static IEnumerable<string> Sentences(ComparisonReport report, WorkloadEntry workload)
    {
        Cell[] cells =
        [
            .. report.Cells.Where(c => c.Workload == workload.Name && c.Role == PolicyRole.Common && c.Metrics.Count > 0
                && !report.EncodingOf(c.Encoding).IsReferencePoint),
        ];
        if (Ranking(report, cells) is { } ranking)
        {
            yield return ranking;
        }

        var injection = Grouped(report, cells, Metric.NotPresentInjected, "inject a not-present");
        if (injection is not null)
        {
            yield return injection;
        }

        var backToBack = Grouped(report, cells, Metric.BackToBackApf, "inject one back to back with its ready");
        if (backToBack is not null)
        {
            yield return backToBack;
        }

        if (InFlight(report, cells) is { } inFlight)
        {
            yield return inFlight;
        }
    }

    private static string? Ranking(ComparisonReport report, Cell[] cells)
    {
        var ranked = cells.Where(c => c[Metric.Speedup] is not null)
            .OrderByDescending(c => c[Metric.Speedup]!.Value.Mean).ToArray();
        if (ranked.Length == 0)
        {
            return null;
        }

        var best = ranked[0][Metric.Speedup]!.Value;
        Cell[] ties = [.. ranked.Where(c => Overlap(c[Metric.Speedup]!.Value, best))];
        var worst = ranked[^1];
        var text = $"Fastest that could be built: {string.Join(", ", ties.Select(c => Label(report, c)))} at "
            + $"{Rounding.Format(best.Mean, 4)}";
        return ties.Length == ranked.Length
            ? text + "; nothing is told apart from it."
            : text + $"; slowest: {Label(report, worst)} at {Rounding.Format(worst[Metric.Speedup]!.Value.Mean, 4)}.";
    }

    /// <summary>In numbers, since that is what one asks of a recording.</summary>
    private static string? InFlight(ComparisonReport report, Cell[] cells)
    {
        var some = cells.Where(c => c[Metric.InFlightApf] is { Mean: > 0 }).ToArray();
        return some.Length == 0
            ? null
            : $"Not-presents injected for pages already in flight, of "
                + $"{Rounding.Format(some[0][Metric.Faults]!.Value.Mean, 4)} faults: "
                + string.Join(", ",
                    some.Select(c => $"{Label(report, c)} {Rounding.Format(c[Metric.InFlightApf]!.Value.Mean, 3)}"))
                + (some.Length < cells.Length ? "; the others none." : ".");
    }

    private static bool Overlap(Summary a, Summary b) => a.High >= b.Low && b.High >= a.Low;

    private static string? Grouped(ComparisonReport report, Cell[] cells, Metric metric, string verb)
    {
        var all = cells.Where(c => c.PerFault(metric) >= NearlyAll).ToArray();
        var some = cells.Where(c => c.PerFault(metric) is > HardlyAny and < NearlyAll).ToArray();
        var none = cells.Where(c => c.PerFault(metric) <= HardlyAny).ToArray();
        if (all.Length + some.Length == 0)
        {
            return null;
        }

        string[] parts =
        [
            .. Part(report, all, $"{verb} for nearly every fault"),
            .. Part(report, some, $"{verb} for some of the faults",
                c => $" ({Rounding.Format(c.PerFault(metric)!.Value * 100, 2)} %)"),
            .. Part(report, none, "hardly ever"),
        ];
        return string.Join("; ", parts) + ".";
    }

    private static IEnumerable<string> Part(ComparisonReport report, Cell[] cells, string verb, Func<Cell,
        string>? detail = null)
    {
        if (cells.Length > 0)
        {
            yield return $"{string.Join(", ", cells.Select(c => Label(report, c) + detail?.Invoke(c)))} {verb}";
        }
    }

    private static string Label(ComparisonReport report, Cell cell)
    {
        var name = report.EncodingOf(cell.Encoding).Starred;
        return cell.Predict is { } predict ? $"{name} p={predict.Text()}" : name;
    }
}
