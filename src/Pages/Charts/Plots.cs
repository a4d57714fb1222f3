using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Pages.Model;

namespace UapiLab.Pages.Charts;

/// <summary>The charts of a page. A point is told from others by its shape as well as by its colour.</summary>
internal static class Plots
{
    private const int Width = 380;
    private const int Row = 17;
    private const int Label = 172;

    /// <summary>By <see cref="CurveLook.Shape"/>.</summary>
    private static readonly MarkerType[] s_shapes =
        [MarkerType.Circle, MarkerType.Diamond, MarkerType.Triangle, MarkerType.Square];

    /// <summary>By the parts of <see cref="CostPanel"/>.</summary>
    private static readonly OxyColor[] s_parts = [Ink.Accent, Ink.Bad, Ink.Warn, Ink.Plain, Ink.Good];

    /// <summary>Speed-ups on one workload: a dot is a mean, the line through it its interval.</summary>
    public static Svg Speedups(SpeedupPanel panel, SpeedupScale scale)
    {
        PlotModel model = Rows([.. panel.Rows.Select(r => r.Label)]);
        model.Axes.Add(Across(new LinearAxis
        {
            Minimum = scale.Low,
            Maximum = scale.High,
            MajorStep = scale.Step,
            LabelFormatter = v => Ratio(Math.Pow(2, v)),
            Title = scale.Title,
        }));
        model.Annotations.Add(Line(0));
        foreach (var (row, at) in panel.Rows.Select((row, at) => (row, at)).Where(r => r.row.Speedup is not null))
        {
            (OxyColor ink, MarkerType shape) = row.Standing switch
            {
                Standing.Faster => (Ink.Good, MarkerType.Circle),
                Standing.Slower => (Ink.Bad, MarkerType.Diamond),
                _ => (Ink.Plain, MarkerType.Square),
            };
            Span(model, at, SpeedupScale.Place(row.Speedup!.Low), SpeedupScale.Place(row.Speedup.High), ink, 2);
            Dot(model, at, SpeedupScale.Place(row.Speedup.Mean), ink, shape);
        }

        return Draw(model, $"Speed-up of {panel.Rows.Count} encodings on {panel.Workload}", panel.Rows.Count);
    }

    /// <summary>The fetch times from which on encodings pay: a dot at the costs of the report, a bar over their
    /// ranges.</summary>
    public static Svg BreakEven(BreakEvenPanel panel)
    {
        PlotModel model = Rows([.. panel.Rows.Select(r => r.Label)]);
        model.Axes.Add(Across(new LinearAxis
        {
            Minimum = Math.Floor(Math.Log10(panel.LowNs)),
            Maximum = Math.Ceiling(Math.Log10(panel.HighNs)),
            MajorStep = 1,
            LabelFormatter = v => Words.Duration((decimal)Math.Pow(10, Math.Round(v))),
            Title = "fetch time (log scale)",
        }));
        foreach (var (row, at) in panel.Rows.Select((row, at) => (row, at)))
        {
            Span(model, at, Math.Log10(row.LowNs), Math.Log10(row.HighNs), Ink.Faint, 5);
            if (row.Ns is { } ns)
            {
                Dot(model, at, Math.Log10(ns), Ink.Accent, MarkerType.Circle);
            }
        }

        return Draw(model, $"Break-even fetch time of {panel.Rows.Count} encodings", panel.Rows.Count);
    }

    /// <summary>Latencies on one workload: behind the marks of a row stands its distribution, and the bar of its
    /// fullest bucket is as high as the row.</summary>
    public static Svg Latencies(LatencyPanel panel, ChartAxis axis)
    {
        const int High = 30;
        const double Ground = 0.4;
        PlotModel model = Rows([.. panel.Rows.Select(r => r.Label)], High);
        model.Axes.Add(Across(axis));
        foreach (var (row, at) in panel.Rows.Index().Where(r => r.Item.IsWhole).Select(r => (r.Item, r.Index)))
        {
            var fullest = row.Shares.Select(s => s.Share).DefaultIfEmpty(1).Max();
            var shape = new PolygonAnnotation
            {
                Fill = Ink.Faint,
                Stroke = Ink.Faint,
                StrokeThickness = 0,
                Layer = AnnotationLayer.BelowSeries,
            };
            foreach (LatencyShare share in row.Shares)
            {
                var top = at + Ground - (2 * Ground * (double)(share.Share / fullest));
                var (from, to) = (axis.Place(share.FromNs), axis.Place(share.UpToNs));
                shape.Points.AddRange([new(from, at + Ground), new(from, top), new(to, top), new(to, at + Ground)]);
            }

            if (shape.Points.Count > 0)
            {
                model.Annotations.Add(shape);
            }

            foreach (var (look, mark) in LatencyPanel.Marks.Zip(row.Marks).Reverse())
            {
                if (mark is { } ns)
                {
                    Dot(model, at + Ground, axis.Place(ns), Ink.Of(look.Ink), s_shapes[CurveLook.ShapeOf(look.Sign)],
                        size: 3.5);
                }
            }
        }

        return Draw(model, $"Fault latency of {panel.Rows.Count} encodings on {panel.Workload}", panel.Rows.Count,
            High);
    }

    /// <summary>What a fault costs on one workload, part by part.</summary>
    public static Svg Costs(CostPanel panel, ChartAxis axis)
    {
        PlotModel model = Rows([.. panel.Rows.Select(r => r.Label)]);
        model.Axes.Add(Across(axis));
        foreach (var (row, at) in panel.Rows.Select((row, at) => (row, at)))
        {
            var from = 0m;
            foreach (var (part, ns) in row.Ns.Index())
            {
                Span(model, at, axis.Place(from), axis.Place(from + ns), s_parts[part % s_parts.Length], 9);
                from += ns;
            }
        }

        return Draw(model, $"Cost of a fault with {panel.Rows.Count} encodings on {panel.Workload}", panel.Rows.Count);
    }

    /// <summary>Curves.</summary>
    public static Svg Lines(LineChart chart)
    {
        const int Height = 280;
        PlotModel model = New();
        LinearAxis across = Across(chart.X);
        // The first labels of both axes meet in the corner.
        across.AxisTickToLabelDistance = 10;
        model.Axes.Add(across);
        Axis upward = Scaled(chart.Y);
        upward.Position = AxisPosition.Left;
        upward.MajorGridlineStyle = LineStyle.Solid;
        model.Axes.Add(Styled(upward));
        DataPoint Place(decimal x, decimal y) => new(chart.X.Place(x), chart.Y.Place(y));
        if (chart.Level is { } level)
        {
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Horizontal,
                Y = chart.Y.Place(level),
                Color = Ink.Warn,
                StrokeThickness = 1.5,
                LineStyle = LineStyle.Dot,
            });
        }

        foreach (ChartCurve guide in chart.Guides)
        {
            model.Series.Add(Curve(guide.Points.Select(p => Place(p.X, p.Y)), Ink.Faint, LineStyle.Dash,
                MarkerType.None));
        }

        foreach (var (curve, at) in chart.Curves.Select((curve, at) => (curve, at)))
        {
            CurveLook look = CurveLook.Of(at);
            OxyColor ink = Ink.Of(look.Ink);
            model.Series.Add(Curve(curve.Points.Select(p => Place(p.X, p.Y)), ink,
                curve.IsJoined ? LineStyle.Solid : LineStyle.None, s_shapes[look.Shape]));
            foreach (ChartPoint point in curve.Points.Where(p => p.Low < p.High))
            {
                model.Series.Add(Curve([Place(point.X, point.Low!.Value), Place(point.X, point.High!.Value)], ink,
                    LineStyle.Solid, MarkerType.None));
            }
        }

        foreach (ChartPoint cross in chart.Crosses)
        {
            var mark = new ScatterSeries
            {
                MarkerType = MarkerType.Cross,
                MarkerStroke = Ink.Warn,
                MarkerStrokeThickness = 2,
                MarkerSize = 5,
            };
            DataPoint at = Place(cross.X, cross.Y);
            mark.Points.Add(new(at.X, at.Y));
            model.Series.Add(mark);
        }

        return Svg.Of(model, chart.Title, Width, Height);
    }

    private static Svg Draw(PlotModel model, string title, int rows, int high = Row) =>
        Svg.Of(model, title, Width, (rows * high) + 58);

    private static PlotModel New() => new()
    {
        PlotAreaBorderThickness = new OxyThickness(0),
        PlotAreaBorderColor = Ink.Grid,
        TextColor = Ink.Text,
        Padding = new OxyThickness(2, 4, 8, 2),
    };

    /// <summary>A chart with one row for each label, the first at the top.</summary>
    private static PlotModel Rows(string[] labels, int high = Row)
    {
        PlotModel model = New();
        model.PlotMargins = new OxyThickness(Label, double.NaN, double.NaN, double.NaN);
        var axis = new CategoryAxis
        {
            Position = AxisPosition.Left,
            StartPosition = 1,
            EndPosition = 0,
            Minimum = -0.5,
            Maximum = labels.Length - 0.5,
            TickStyle = TickStyle.None,
            AxislineStyle = LineStyle.None,
        };
        axis.Labels.AddRange(labels.Select(Fitting));
        model.Axes.Add(Styled(axis));
        for (var at = 0; at < labels.Length; at += 2)
        {
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Horizontal,
                Y = at,
                Color = Ink.Grid,
                StrokeThickness = high,
                LineStyle = LineStyle.Solid,
                Layer = AnnotationLayer.BelowAxes,
            });
        }

        return model;
    }

    private static LinearAxis Across(ChartAxis axis) => Across(Scaled(axis));

    private static LinearAxis Scaled(ChartAxis axis) => new()
    {
        Minimum = axis.Place((decimal)axis.Low),
        Maximum = axis.Place((decimal)axis.High),
        MajorStep = axis.IsLog ? Math.Log10(axis.Step) : axis.Step,
        LabelFormatter = place => axis.Label(axis.At(place)),
        Title = axis.Title,
    };

    private static LinearAxis Across(LinearAxis axis)
    {
        axis.Position = AxisPosition.Bottom;
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.TickStyle = TickStyle.None;
        return (LinearAxis)Styled(axis);
    }

    private static Axis Styled(Axis axis)
    {
        axis.FontSize = 11;
        axis.TitleFontSize = 11;
        axis.TextColor = Ink.Text;
        axis.TitleColor = Ink.Faint;
        axis.TicklineColor = Ink.Faint;
        axis.MinorTicklineColor = Ink.Faint;
        axis.AxislineColor = Ink.Faint;
        axis.MajorGridlineColor = Ink.Grid;
        axis.MinorTickSize = 0;
        // An upright title is set as wide as OxyPlot's own font is high; ours needs more.
        axis.AxisTitleDistance = axis.IsVertical() ? 18 : 7;
        return axis;
    }

    private static LineAnnotation Line(double x) => new()
    {
        Type = LineAnnotationType.Vertical,
        X = x,
        Color = Ink.Faint,
        StrokeThickness = 1.5,
        LineStyle = LineStyle.Solid,
        Layer = AnnotationLayer.BelowSeries,
    };

    private static void Span(PlotModel model, int row, double low, double high, OxyColor ink, double thickness)
    {
        if (low < high)
        {
            var line = new LineSeries { Color = ink, StrokeThickness = thickness };
            line.Points.AddRange([new(low, row), new(high, row)]);
            model.Series.Add(line);
        }
    }

    private static void Dot(PlotModel model, double row, double x, OxyColor ink, MarkerType shape, double size = 4)
    {
        var dot = new ScatterSeries { MarkerType = shape, MarkerFill = ink, MarkerSize = size };
        dot.Points.Add(new(x, row));
        model.Series.Add(dot);
    }

    private static LineSeries Curve(IEnumerable<DataPoint> points, OxyColor ink, LineStyle style,
        MarkerType shape)
    {
        var line = new LineSeries
        {
            Color = ink,
            StrokeThickness = 2,
            LineStyle = style,
            MarkerType = shape,
            MarkerFill = ink,
            MarkerSize = 4,
        };
        line.Points.AddRange(points);
        return line;
    }

    private static string Ratio(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>What fits beside a row: a name that is longer stands whole in the table.</summary>
    private static string Fitting(string label) => Harness.Foundation.Text.CleanText.Short(label, 30);
}
