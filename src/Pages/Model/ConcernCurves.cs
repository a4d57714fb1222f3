using System.Globalization;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Pages.Model;

/// <summary>The same curve of several encodings. Those whose curves are the same to two decimals share one.</summary>
public sealed record ConcernCurves(
    string Concern, string What, string Parameter, decimal Level, IReadOnlyList<ConcernCurve> Curves)
{
    private IReadOnlyList<ConcernCurve> Shown => [.. Curves.Take(CurveLook.Most)];

    public string Heading => $"{What}, by {Parameter}";

    /// <summary>One for each curve, crossed or not.</summary>
    public IEnumerable<string> Legend => Shown.Select(c => $"{c.Name}: "
        + (c.Curve.Crossings.Count == 0 ? Invariant($"no crossing of {Level:0.###}")
            : string.Join(", ", c.Curve.Crossings.Select(x => x.Text(Level)))));

    public IReadOnlyList<string> Names => [.. Curves.Select(c => c.Name)];

    public string Caption => Invariant($"Dotted: {Level:0.###}. {Curves.Count(c => c.Curve.Crossings.Count > 0)} of ")
        + Invariant($"{Curves.Count} {(Curves.Count == 1 ? "curve crosses" : "curves cross")} it.")
        + (Curves.Count > Shown.Count ? Invariant($" {Curves.Count - Shown.Count} more are in the table.") : "");

    public LineChart Chart => new(
        Heading,
        IsTime ? ChartAxis.OfTimes(Parameter, Places) : ChartAxis.Of(Parameter, Places, isLog: Places.Min() >= 1),
        ChartAxis.Of("ratio", Points.SelectMany(p => new[] { p.Mean, p.Low, p.High }).OfType<decimal>().Append(Level),
            isLog: true),
        [
            .. Shown.Select(c => ReportCharts.Curve(c.Curve.Points.Where(p => p.Mean is not null).Select(p =>
                (Place(p.At)!.Value, (IntervalPart?)new IntervalPart(p.Mean!.Value, p.Low ?? p.Mean.Value,
                    p.High ?? p.Mean.Value))))),
        ])
    {
        Level = Level,
        Crosses = [.. Shown.SelectMany(c => c.Curve.Crossings).Select(x => Place(x.At)).OfType<decimal>()
            .Select(x => new ChartPoint(x, Level))],
    };

    /// <summary>A row for each value of the parameter.</summary>
    public IEnumerable<string[]> Rows =>
        from at in Points.Select(p => p.At).Distinct().OrderBy(at => Place(at))
        select (string[])[at, .. Curves.Select(c => c.Curve.Points.FirstOrDefault(p => p.At == at) is not { } point ? ""
            : point is { Mean: { } mean, Low: { } low, High: { } high }
                ? Words.Interval(new IntervalPart(mean, low, high).Summary) : Words.Number(point.Mean))];

    private IEnumerable<CurvePointPart> Points => Curves.SelectMany(c => c.Curve.Points);

    private IEnumerable<decimal> Places => Points.Select(p => Place(p.At)!.Value);

    private bool IsTime => Points.All(p => Durations.TryParse(p.At, out _));

    /// <summary>Those with points that have a place, and at least two of them.</summary>
    public static IEnumerable<ConcernCurves> Of(ConcernsDocument matrix) =>
        from concern in matrix.Concerns
        from cell in matrix.CellsOf(concern.Id)
        from curve in cell.Cell.Evidence.Select(e => (cell.Cell.Encoding, e.Curve))
        where curve.Curve is { Points.Count: > 1 } found && found.Points.All(p => Place(p.At) is not null)
            && found.Points.Any(p => p.Mean is not null)
        group (curve.Encoding, Curve: curve.Curve!) by (concern.Id, curve.Curve!.What, curve.Curve.Parameter,
            curve.Curve.Level) into one
        select new ConcernCurves(one.Key.Id, one.Key.What, one.Key.Parameter, one.Key.Level,
        [
            .. one.GroupBy(c => string.Join(' ', c.Curve.Points.Select(p => Invariant($"{p.At} {p.Mean:0.00}"))))
                .Select(same => new ConcernCurve(string.Join(", ", same.Select(c => c.Encoding)), same.First().Curve)),
        ]);

    /// <summary>A duration in ns, or a number.</summary>
    private static decimal? Place(string at) => Durations.TryParse(at, out var ns) ? Math.Min(ns, (long)1e18)
        : decimal.TryParse(at, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number < 1e18m ? number : null;
}

/// <summary>A curve, and the encodings that have it.</summary>
public sealed record ConcernCurve(string Name, CurvePart Curve);
