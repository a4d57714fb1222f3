using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Pages.Model;

/// <summary>What several charts of a report share.</summary>
public static class ReportCharts
{
    /// <summary>A curve through the means that are known.</summary>
    public static ChartCurve Curve(IEnumerable<(decimal X, IntervalPart? Y)> values) => new(
        [.. values.Where(v => v.Y is not null).Select(v => new ChartPoint(v.X, v.Y!.Mean, v.Y.Low, v.Y.High))]);
}

/// <summary>How long faults take on one workload.</summary>
public sealed record LatencyPanel(string Workload, string Policy, IReadOnlyList<LatencyRow> Rows)
{
    /// <summary>The marks of a row: what they stand for, and how they look.</summary>
    public static IReadOnlyList<(string Name, string Ink, string Sign)> Marks { get; } =
    [
        ("median", "accent", "●"), ("90th percentile", "good", "▲"), ("99th percentile", "bad", "◆"),
        ("the longest", "plain", "■"),
    ];

    /// <summary>The buckets that some encoding has faults in, by their longest latency.</summary>
    public IReadOnlyList<long> Buckets =>
        [.. Rows.SelectMany(r => r.Shares).Select(s => s.UpToNs).Distinct().Order()];

    public string Caption
    {
        get
        {
            var known = Rows.Where(r => r.P99 is not null).ToArray();
            string Ends(string name, Func<LatencyRow, decimal?> of) =>
                $"{name}: from {Words.Duration(known.Min(of))} ({known.MinBy(of)!.Label}) to "
                    + $"{Words.Duration(known.Max(of))} ({known.MaxBy(of)!.Label}).";
            return Ends("Median", r => r.Median) + " " + Ends("99th percentile", r => r.P99);
        }
    }

    public static LatencyPanel? Of(ReportDocument report, IReadOnlyList<RankingPart> rows, WorkloadPart workload)
    {
        LatencyRow[] latencies =
        [
            .. from row in rows
               let cell = report.CellOf(row.Encoding, workload.Name, row.Predict)
               select new LatencyRow(row.Label, Mean(cell, "P50"), Mean(cell, "P90"), Mean(cell, "P99"),
                   Mean(cell, "Max"), Shares(cell?.Latencies ?? [])),
        ];
        return latencies.Any(r => r.IsWhole) ? new(workload.Name, workload.Policy, latencies) : null;
    }

    /// <summary>The axis of all workloads.</summary>
    public static ChartAxis Axis(IReadOnlyList<LatencyPanel> panels) => ChartAxis.OfTimes("latency of a fault",
        panels.SelectMany(p => p.Rows).Where(r => r.IsWhole).SelectMany(r => r.Marks.OfType<decimal>()
            .Concat(r.Shares.SelectMany(s => new decimal[] { s.FromNs, s.UpToNs }))));

    private static decimal? Mean(CellPart? cell, string which) =>
        cell?.Metrics.GetValueOrDefault("faultLatencyNs" + which) is { Mean: > 0 } found ? found.Mean : null;

    private static LatencyShare[] Shares(IReadOnlyList<(long UpToNs, long Faults)> buckets)
    {
        var all = (decimal)buckets.Sum(b => (double)b.Faults);
        return [.. buckets.Select(b => new LatencyShare(
            LatencyBuckets.Ends.LastOrDefault(end => end < b.UpToNs, Math.Max(1, b.UpToNs / 2)), b.UpToNs,
            b.Faults / all))];
    }
}

/// <summary>The latencies of an encoding, ns: means over the repetitions; null if they cannot be told.</summary>
public sealed record LatencyRow(
    string Label, decimal? Median, decimal? P90, decimal? P99, decimal? Longest, IReadOnlyList<LatencyShare> Shares)
{
    /// <summary>In the order of <see cref="LatencyPanel.Marks"/>. Older reports have no 90th percentile.</summary>
    public IReadOnlyList<decimal?> Marks => [Median, P90, P99, Longest];

    public bool IsWhole => Median is not null && P99 is not null && Longest is not null;

    public string Text => IsWhole ? string.Join(", ", Marks.Select(Words.Duration)) : Words.Unknown;

    /// <summary>Of 100 faults, those in a bucket; empty if there are none.</summary>
    public string In(long bucket) => Shares.FirstOrDefault(s => s.UpToNs == bucket) is { } found
        ? Invariant($"{found.Share * 100:0.0}") : "";
}

/// <summary>A bucket of a latency distribution.</summary>
/// <param name="FromNs">Faults in it took longer.</param>
/// <param name="UpToNs">And at most so long.</param>
/// <param name="Share">Of all faults.</param>
public sealed record LatencyShare(long FromNs, long UpToNs, decimal Share);

/// <summary>What a fault costs on one workload, in parts: a count for each fault times the prices of the report's cost
/// table. The rules are in docs/report-format.md.</summary>
public sealed record CostPanel(string Workload, IReadOnlyList<CostBar> Rows)
{
    private const string Faults = "faults";

    /// <summary>What is larger is as good as that, and could not be computed with.</summary>
    private const double Largest = 1e17;

    /// <summary>Name, the metric that is counted, and the costs of one of it. Signalling costs the oracle
    /// nothing.</summary>
    private static readonly (string Part, (string Metric, string[] Costs)[] Sum, bool IsSignalling)[] s_parts =
    [
        ("exit", [(Faults, ["vmExit", "faultPath"]), ("exits", ["userExit", "userEntry"])], false),
        ("injection", [("notPresentInjected", ["injectNotPresent", "guestFaultHandler"])], true),
        ("interrupt", [("readyIrqs", ["readyInterrupt"])], true),
        ("switch", [("guestContextSwitches", ["guestSwitch"])], false),
        ("fetch", [(Faults, ["bookOperation", "placePage", "mapPage"])], false),
    ];

    /// <summary>In the order of the bars.</summary>
    public static IReadOnlyList<string> Parts => [.. s_parts.Select(p => p.Part)];

    /// <summary>What each part is, in words.</summary>
    public static IEnumerable<string> Rules => s_parts.Select(p => $"{p.Part}: " + string.Join(" + ", p.Sum.Select(s =>
        $"{(s.Metric == Faults ? "" : s.Metric + " per fault × ")}({string.Join(" + ", s.Costs)})")));

    public string Caption
    {
        get
        {
            var (least, most) = (Rows.MinBy(r => r.Total)!, Rows.MaxBy(r => r.Total)!);
            return $"From {Words.Duration(least.Total)} ({least.Label}) to {Words.Duration(most.Total)} "
                + $"({most.Label}).";
        }
    }

    public static CostPanel? Of(ReportDocument report, IReadOnlyList<RankingPart> rows, WorkloadPart workload)
    {
        var prices = report.Costs.DistinctBy(c => c.Name).ToDictionary(c => c.Name, c => (decimal)c.Ns);
        CostBar[] bars =
        [
            .. from row in rows
               let cell = report.CellOf(row.Encoding, workload.Name, row.Predict)
               let parts = s_parts.Select(p => p.IsSignalling && row.Encoding == report.Oracle ? 0
                   : p.Sum.Select(s => Times(cell?.PerFault(s.Metric), Price(s.Costs))).Aggregate((a, b) => a + b))
                   .ToArray()
               where parts.All(p => p >= 0)
               select new CostBar(row.Label, [.. parts.Select(p => p!.Value)]),
        ];
        return bars.Any(b => b.Total > 0) ? new(workload.Name, bars) : null;

        static decimal? Times(decimal? count, decimal? ns) => count is null || ns is null ? null
            : (decimal)Math.Min((double)count * (double)ns, Largest);
        decimal? Price(string[] names) => names.All(prices.ContainsKey) ? names.Sum(n => prices[n]) : null;
    }

    /// <summary>The axis of all workloads.</summary>
    public static ChartAxis Axis(IReadOnlyList<CostPanel> panels) => ChartAxis.Of("cost of a fault",
        panels.SelectMany(p => p.Rows).Select(r => r.Total).Append(0), label: v => Words.Duration((decimal)v));
}

/// <summary>The parts of what a fault costs with an encoding, ns.</summary>
public sealed record CostBar(string Label, IReadOnlyList<decimal> Ns)
{
    public decimal Total => Ns.Sum();
}

/// <summary>The speed-up of an encoding that depends on predictions, over their accuracy: a curve for each
/// workload.</summary>
public sealed record AccuracyPanel(string Encoding, string Baseline, IReadOnlyList<decimal> Accuracies,
    IReadOnlyList<AccuracyCurve> Curves)
{
    public LineChart Chart => new(
        $"Speed-up of {Encoding} by accuracy of prediction",
        ChartAxis.Of("accuracy of prediction", Accuracies),
        ChartAxis.Of($"speed-up over {Baseline}", Curves.SelectMany(c => c.Speedups.Values)
            .SelectMany(s => new[] { s.Low, s.High }).Append(1)),
        [.. Curves.Take(CurveLook.Most).Select(c => ReportCharts.Curve(c.Speedups.Select(s =>
            (s.Key, (IntervalPart?)s.Value))))])
    {
        Level = 1,
    };

    public string Caption
    {
        get
        {
            decimal Change(AccuracyCurve c) => c.Speedups.Values[^1].Mean - c.Speedups.Values[0].Mean;
            var most = Curves.MaxBy(c => Math.Abs(Change(c)))!;
            return $"Right predictions change most on {most.Workload}: from "
                + $"{Words.Number(most.Speedups.Values[0].Mean)} "
                + $"to {Words.Number(most.Speedups.Values[^1].Mean)}. Dotted: {Baseline}.";
        }
    }

    public static IEnumerable<AccuracyPanel> Of(ReportDocument report, IReadOnlyList<WorkloadPart> workloads) =>
        from encoding in report.Encodings
        let curves = workloads.Select(w => new AccuracyCurve(w.Name, new(report.Cells
            .Where(c => c.Encoding == encoding.Name && c.Workload == w.Name && c.IsCommon
                && c is { Predict: not null, Speedup: not null })
            .DistinctBy(c => c.Predict).ToDictionary(c => c.Predict!.Value, c => c.Speedup!))))
            .Where(c => c.Speedups.Count > 1).ToArray()
        where curves.Length > 0
        select new AccuracyPanel(encoding.Starred, report.Baseline ?? "the baseline",
            [.. curves.SelectMany(c => c.Speedups.Keys).Distinct().Order()], curves);
}

/// <summary>The speed-ups on one workload, by accuracy.</summary>
public sealed record AccuracyCurve(string Workload, SortedList<decimal, IntervalPart> Speedups);
