using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Pages.Model;

/// <summary>What stands in the page of one report, section by section. A part that the report lacks is null or
/// empty.</summary>
public sealed record PageModel(
    ReportDocument Report,
    IReadOnlyList<RankingPart> Rows,
    SpeedupScale? Scale,
    IReadOnlyList<SpeedupPanel> Speedups,
    IReadOnlyList<HeatPanel> Needless,
    IReadOnlyList<LatencyPanel> Latencies,
    IReadOnlyList<CostPanel> Costs,
    IReadOnlyList<AccuracyPanel> Accuracies,
    BreakEvenPanel? BreakEven,
    SweepPanel? Sweep,
    OrderingMatrix? Orderings)
{
    /// <summary>The metrics of needless APFs, and what they are called.</summary>
    private static readonly (string Metric, string Name)[] s_needless =
        [("backToBackApf", "back to back"), ("uselessApf", "useless"), ("lateApf", "late")];

    public static PageModel Of(ReportDocument report)
    {
        RankingPart[] rows = [.. report.Answer?.Ranking ?? []];
        // The workloads that decide stand first, as in the table of the answer.
        string[] deciding = [.. report.Answer?.Workloads.Select(w => w.Name) ?? []];
        WorkloadPart[] workloads = [.. deciding.SelectMany(name => report.Workloads.Where(w => w.Name == name))
            .Concat(report.Workloads.Where(w => !deciding.Contains(w.Name)))];
        SpeedupPanel[] speedups =
        [
            .. from workload in workloads
               let cells = rows.Select(r => (r.Label, report.CellOf(r.Encoding, workload.Name, r.Predict)?.Speedup))
               where cells.Any(c => c.Speedup is not null)
               select new SpeedupPanel(workload.Name, workload.Policy,
                   [.. cells.Select(c => new SpeedupRow(c.Label, c.Speedup))]),
        ];
        return new(
            report,
            rows,
            SpeedupScale.Of(speedups),
            speedups,
            [.. s_needless.Select(kind => HeatPanel.Of(report, rows, workloads, kind.Metric, kind.Name))],
            [.. workloads.Select(w => LatencyPanel.Of(report, rows, w)).OfType<LatencyPanel>()],
            [.. workloads.Select(w => CostPanel.Of(report, rows, w)).OfType<CostPanel>()],
            [.. AccuracyPanel.Of(report, workloads)],
            BreakEvenPanel.Of(report),
            SweepPanel.Of(report),
            OrderingMatrix.Of(report));
    }
}

/// <summary>How a speed-up stands to the baseline: told apart as docs/metrics.md says under Noise.</summary>
public enum Standing
{
    Faster,
    NotApart,
    Slower,
}

/// <summary>A row of a chart of speed-ups.</summary>
public sealed record SpeedupRow(string Label, IntervalPart? Speedup)
{
    private const decimal Margin = 0.01m;

    public Standing Standing => Speedup switch
    {
        { Low: > 1, Mean: >= 1 + Margin } => Standing.Faster,
        { High: < 1, Mean: <= 1 - Margin } => Standing.Slower,
        _ => Standing.NotApart,
    };
}

/// <summary>The speed-ups on one workload.</summary>
public sealed record SpeedupPanel(string Workload, string Policy, IReadOnlyList<SpeedupRow> Rows)
{
    /// <summary>What to see.</summary>
    public string Caption
    {
        get
        {
            SpeedupRow[] known = [.. Rows.Where(r => r.Speedup is not null)];
            string Part(Standing standing, string word, Func<IEnumerable<SpeedupRow>, SpeedupRow> end)
            {
                SpeedupRow[] those = [.. known.Where(r => r.Standing == standing)];
                return those.Length == 0 ? $"none is {word}"
                    : Invariant($"{those.Length} of {known.Length} {(those.Length == 1 ? "is" : "are")} {word}, ")
                        + $"{end(those).Label} most ({Words.Number(end(those).Speedup!.Mean)})";
            }

            var text = Part(Standing.Faster, "faster", rows => rows.MaxBy(r => r.Speedup!.Mean)!) + "; "
                + Part(Standing.Slower, "slower", rows => rows.MinBy(r => r.Speedup!.Mean)!) + ".";
            return char.ToUpperInvariant(text[0]) + text[1..];
        }
    }
}

/// <summary>The axis that all charts of speed-ups share, in doublings.</summary>
public sealed record SpeedupScale(double Low, double High, double Step, string Title)
{
    private const int MostLines = 6;

    public static SpeedupScale? Of(IReadOnlyList<SpeedupPanel> panels)
    {
        IntervalPart[] all = [.. panels.SelectMany(p => p.Rows).Select(r => r.Speedup).OfType<IntervalPart>()];
        if (all.Length == 0)
        {
            return null;
        }

        var low = Math.Min(-1, Math.Floor(all.Min(s => Place(s.Low)) * 2) / 2);
        var high = Math.Max(1, Math.Ceiling(all.Max(s => Place(s.High)) * 2) / 2);
        return new(low, high, Math.Max(1, Math.Ceiling((high - low) / MostLines)),
            "speed-up (log scale)");
    }

    /// <summary>Where a speed-up stands. An interval may reach below what a speed-up can be.</summary>
    public static double Place(decimal speedup) => Math.Log2(Math.Max((double)speedup, 1e-6));
}

/// <summary>Needless APFs of one kind, per fault: encodings by workloads. Those without any are named, and have no row
/// or column.</summary>
public sealed record HeatPanel(
    string Name, string Meaning, IReadOnlyList<string> Workloads, IReadOnlyList<HeatRow> Rows,
    IReadOnlyList<string> WorkloadsWithout, IReadOnlyList<string> Without)
{
    /// <summary>Whether there is none to show.</summary>
    public bool IsEmpty => Rows.Count == 0;

    public string Caption
    {
        get
        {
            var (row, at) = Rows.SelectMany(r => r.PerFault.Select((_, at) => (r, at)))
                .MaxBy(c => c.r.PerFault[c.at] ?? -1);
            return $"Per 100 faults: {Meaning}. Most: {row.Label} on {Workloads[at]}, {HeatRow.Text(row.PerFault[at])}."
                + (WorkloadsWithout.Count > 0 ? $" None on {string.Join(", ", WorkloadsWithout)}." : "")
                + (Without.Count > 0 ? $" None with {string.Join(", ", Without)}." : "");
        }
    }

    public static HeatPanel Of(ReportDocument report, IReadOnlyList<RankingPart> rows,
        IReadOnlyList<WorkloadPart> workloads, string metric, string name)
    {
        decimal? Value(RankingPart row, WorkloadPart workload) =>
            report.CellOf(row.Encoding, workload.Name, row.Predict)?.PerFault(metric);
        bool IsAny(RankingPart row, WorkloadPart workload) => Value(row, workload) > 0;
        WorkloadPart[] shown = [.. workloads.Where(w => rows.Any(r => IsAny(r, w)))];
        RankingPart[] those = [.. rows.Where(r => shown.Any(w => IsAny(r, w)))];
        return new(
            name,
            Metric.OfName(metric)!.Meaning,
            [.. shown.Select(w => w.Name)],
            [.. those.Select(r => new HeatRow(r.Label, [.. shown.Select(w => Value(r, w))]))],
            [.. workloads.Except(shown).Select(w => w.Name)],
            [.. rows.Except(those).Select(r => r.Label)]);
    }
}

/// <summary>An encoding in such a table.</summary>
public sealed record HeatRow(string Label, IReadOnlyList<decimal?> PerFault)
{
    /// <summary>Per 100 faults, as it is written.</summary>
    public static string Text(decimal? perFault) => Words.Per100(perFault);

    /// <summary>How strongly it is marked, 0 to 100.</summary>
    public static int Strength(decimal? perFault) => (int)Math.Clamp((perFault ?? 0) * 100, 0, 100);
}

/// <summary>The fetch times from which on encodings pay.</summary>
public sealed record BreakEvenPanel(
    string Workload, string Policy, long LowNs, long HighNs, IReadOnlyList<BreakEvenBar> Rows,
    IReadOnlyList<string> Without)
{
    public string Caption
    {
        get
        {
            var known = Rows.Where(r => r.Ns is not null).ToArray();
            return known.Length == 0 ? "No encoding crosses the baseline at the costs of the report."
                : $"At the costs of the report an APF pays from {Words.Duration(known.Min(r => r.Ns))} to "
                    + $"{Words.Duration(known.Max(r => r.Ns))} on, over all costs from "
                    + $"{Words.Duration(Rows.Min(r => r.LowNs))} to {Words.Duration(Rows.Max(r => r.HighNs))}.";
        }
    }

    public static BreakEvenPanel? Of(ReportDocument report)
    {
        if (report.BreakEven is not { LowNs: > 0 } part || part.HighNs < part.LowNs)
        {
            return null;
        }

        var groups = part.Rows.GroupBy(r => r.Encoding).ToArray();
        BreakEvenBar[] bars =
        [
            .. from rows in groups
               let found = rows.Select(r => r.FetchNs).OfType<long>().Where(ns => ns > 0).ToArray()
               where found.Length > 0
               select new BreakEvenBar(report.EncodingOf(rows.Key).Starred,
                   rows.FirstOrDefault(r => r.Costs == "default")?.FetchNs, found.Min(), found.Max(),
                   [.. rows.Where(r => r.Remark.Length > 0).Select(r => $"{r.Costs}: {r.Remark}")]),
        ];
        return bars.Length == 0 ? null : new(part.Workload, part.Policy, part.LowNs, part.HighNs, bars,
        [
            .. groups.Where(g => g.All(r => r.FetchNs is null))
                .GroupBy(g => string.Join("; ", g.Select(r => r.Remark).Distinct()))
                .Select(g => $"{string.Join(", ", g.Select(e => report.EncodingOf(e.Key).Starred))}: {g.Key}"),
        ]);
    }
}

/// <summary>An encoding in the chart of break-even times.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Ns">At the costs of the report; null if there is none.</param>
/// <param name="LowNs">The shortest over the cost tables.</param>
/// <param name="HighNs">The longest.</param>
/// <param name="Remarks">Cost tables without one.</param>
public sealed record BreakEvenBar(string Label, long? Ns, long LowNs, long HighNs, IReadOnlyList<string> Remarks)
{
    public static string Text(long? ns) => ns is { } value ? Durations.Format(value) : Words.Unknown;
}

/// <summary>Speed-ups along one parameter. Encodings whose curves are the same to two decimals share one.</summary>
public sealed record SweepPanel(
    string Workload, string Parameter, string Doc, string Title, IReadOnlyList<decimal> Values,
    IReadOnlyList<decimal> Bounds, decimal? Published, IReadOnlyList<SweepCurve> Curves)
{
    private const int MostCurves = 5;

    public LineChart Chart => new(
        $"Speed-up by {Parameter}",
        ChartAxis.Of(Parameter, Values, isLog: true),
        ChartAxis.Of(Title, Curves.SelectMany(c => c.Speedups).OfType<IntervalPart>()
            .SelectMany(s => new[] { s.Low, s.High }).Concat(Bounds).Concat(Published is { } p ? [p] : []).Append(1)),
        [.. Curves.Select(c => ReportCharts.Curve(Values.Zip(c.Speedups)))])
    {
        Guides = Bounds.Count == 0 ? [] : [new([.. Values.Zip(Bounds, (x, y) => new ChartPoint(x, y))])],
        Level = Published,
    };

    public string Caption
    {
        get
        {
            var best = Curves.Where(c => c.Speedups.Any(s => s is not null))
                .MaxBy(c => c.Speedups.Max(s => s?.Mean))?.Speedups;
            var peak = best?.Max(s => s?.Mean);
            var at = best is null ? null : Values.Zip(best).Where(p => p.Second?.Mean == peak)
                .Select(p => (decimal?)p.First).FirstOrDefault();
            var highest = peak is null ? "" : Invariant($"The most is {Words.Number(peak)}, at {Parameter}={at}. ");
            var bound = Bounds.Count == 0 ? "" : "Dashed: the most that the mix allows. ";
            return highest + bound + (Published is { } value ? $"Dotted: the published {Words.Number(value)}." : "");
        }
    }

    public static SweepPanel? Of(ReportDocument report)
    {
        if (report.Sweep is not { Values.Count: > 0 } sweep || sweep.Values.Any(v => v <= 0)
            || sweep.Bounds.Count is var bounds && bounds != 0 && bounds != sweep.Values.Count)
        {
            return null;
        }

        SweepCurve[] curves =
        [
            .. from row in sweep.Rows
               group row by string.Join(' ', row.SpeedupOverNeverAsync.Select(s => s is null ? "-"
                   : Invariant($"{Math.Round(s.Mean, 2)}"))) into same
               select new SweepCurve([.. same.Select(r => report.EncodingOf(r.Encoding).Starred)],
                   same.First().SpeedupOverNeverAsync),
        ];
        return new(sweep.Workload, sweep.Parameter, sweep.Doc, $"speed-up over {report.Baseline ?? "the baseline"}",
            sweep.Values, sweep.Bounds, sweep.Published,
            [.. curves.OrderByDescending(c => c.Encodings.Count).Take(MostCurves)]);
    }
}

/// <summary>Encodings with one curve.</summary>
public sealed record SweepCurve(IReadOnlyList<string> Encodings, IReadOnlyList<IntervalPart?> Speedups);

/// <summary>How an ordering stands over the ranges of the costs.</summary>
public enum Firmness
{
    Robust,
    Tie,
    Flip,
}

/// <summary>Which encoding is ahead of which, and whether costs change it: encodings by encodings.</summary>
public sealed record OrderingMatrix(
    int Tables, int Seeds, int Points, int PointSeeds, IReadOnlyList<string> Encodings,
    IReadOnlyList<OrderingPair> Pairs)
{
    private readonly ILookup<(string, string), OrderingPair> _byNames = Pairs.ToLookup(p => (p.Faster, p.Slower));

    public static OrderingMatrix? Of(ReportDocument report)
    {
        if (report.Stability is not { } stability)
        {
            return null;
        }

        OrderingPair[] pairs =
        [
            .. from row in stability.Rows
               from part in ((Firmness Firmness, IReadOnlyList<PairPart> Pairs)[])
                   [(Firmness.Robust, row.Robust), (Firmness.Tie, row.Ties), (Firmness.Flip, row.Flips)]
               from pair in part.Pairs
               select new OrderingPair(row.Workload, Starred(report, pair.Faster), Starred(report, pair.Slower),
                   part.Firmness, pair.By)
               {
                   Kept = Invariant($"{pair.Kept} of {pair.Points}"),
                   SettledBy = pair.SettledBy is not { } s ? "none alone"
                       : Invariant($"{s.Price} {(s.IsKeptBelow ? "<" : "≥")} {Durations.Format(s.AtNs)}, ")
                           + Invariant($"right at {s.Points}"),
                   Tornado = [.. pair.Tornado.Select(b => new OrderingBar(b.Price, b.Low ?? 1, b.High ?? 1))],
               },
        ];
        var named = pairs.SelectMany(p => new[] { p.Faster, p.Slower }).ToHashSet();
        string[] order = [.. (report.Answer?.Ranking.Select(r => r.Encoding) ?? report.Encodings.Select(e => e.Name))
            .Concat(report.Encodings.Select(e => e.Name)).Select(e => Starred(report, e)).Distinct()
            .Where(named.Contains)];
        return new(stability.Tables, stability.Seeds, stability.Points, stability.PointSeeds, order, pairs);
    }

    /// <summary>The workloads on which one is ahead of the other.</summary>
    public OrderingCell Cell(string faster, string slower) => new(faster, slower, [.. _byNames[(faster, slower)]]);

    private static string Starred(ReportDocument report, string encoding) => report.EncodingOf(encoding).Starred;
}

/// <summary>An ordering on one workload.</summary>
public sealed record OrderingPair(
    string Workload, string Faster, string Slower, Firmness Firmness, IReadOnlyList<string> By)
{
    /// <summary>At how many points at which all costs vary together.</summary>
    public required string Kept { get; init; }

    /// <summary>The cost that says most.</summary>
    public required string SettledBy { get; init; }

    /// <summary>The costs that move it most.</summary>
    public required IReadOnlyList<OrderingBar> Tornado { get; init; }

    private const int MostCosts = 4;

    public string Text => Firmness switch
    {
        Firmness.Robust => "robust",
        Firmness.Tie => "within noise at " + Causes,
        _ => "reversed by " + Causes,
    };

    /// <summary>The first of them.</summary>
    public string Causes => string.Join(", ", By.Take(MostCosts))
        + (By.Count > MostCosts ? Invariant($" and {By.Count - MostCosts} more") : "");
}

/// <summary>How far a cost moves an ordering: elapsed time of the second over that of the first.</summary>
public sealed record OrderingBar(string Price, decimal Low, decimal High)
{
    public string Title => Invariant($"{Price}: {Low:0.##} at its low end, {High:0.##} at its high end");

    /// <summary>Its left end in per cent of a line from a half to twice, 1 in the middle.</summary>
    public int From => At(Math.Min(Low, High));

    /// <summary>Its right end.</summary>
    public int To => Math.Max(At(Math.Max(Low, High)), From + 1);

    private static int At(decimal ratio) => (int)Math.Round((Math.Log2(Math.Clamp((double)ratio, 0.5, 2)) + 1) * 50);
}

/// <summary>A cell of the matrix.</summary>
public sealed record OrderingCell(string Faster, string Slower, IReadOnlyList<OrderingPair> Pairs)
{
    /// <summary>Workloads on which the first is ahead.</summary>
    public int Workloads => Pairs.Select(p => p.Workload).Distinct().Count();

    /// <summary>The worst on any of them; null if the first is ahead on none.</summary>
    public Firmness? Worst => Pairs.Count == 0 ? null : Pairs.Max(p => p.Firmness);

    public string Sign => Worst switch
    {
        null => "",
        Firmness.Robust => Invariant($"{Workloads}●"),
        Firmness.Tie => Invariant($"{Workloads}◐"),
        _ => Invariant($"{Workloads}○"),
    };

    public string Title => $"{Faster} is ahead of {Slower}: " + string.Join("; ",
        Pairs.GroupBy(p => p.Text).Select(g => $"{string.Join(", ", g.Select(p => p.Workload))} {g.Key}"));
}
