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

    /// <summary>Speed-ups along a parameter, the highest that it allows, and what was published.</summary>
    public static Svg Sweep(SweepPanel panel)
    {
        const int Height = 280;
        PlotModel model = New();
        model.Axes.Add(Across(new LinearAxis
        {
            Minimum = panel.Values.Min(Log2) - 0.4,
            Maximum = panel.Values.Max(Log2) + 0.2,
            MajorStep = 1,
            LabelFormatter = v => Ratio(Math.Pow(2, v)),
            Title = $"{panel.Parameter} (log scale)",
        }));
        model.Axes.Add(Styled(new LinearAxis
        {
            Position = AxisPosition.Left,
            Minimum = panel.Low,
            Maximum = panel.High,
            MajorStep = panel.Step,
            MajorGridlineStyle = LineStyle.Solid,
            LabelFormatter = v => v.ToString("0.##", CultureInfo.InvariantCulture),
            Title = panel.Title,
        }));
        if (panel.Published is { } published)
        {
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Horizontal,
                Y = (double)published,
                Color = Ink.Warn,
                StrokeThickness = 1.5,
                LineStyle = LineStyle.Dot,
            });
        }

        if (panel.Bounds.Count > 0)
        {
            model.Series.Add(Curve(panel.Values.Zip(panel.Bounds, (x, y) => (Log2(x), (double)y)), Ink.Faint,
                LineStyle.Dash, MarkerType.None));
        }

        (OxyColor, MarkerType)[] looks =
        [
            (Ink.Accent, MarkerType.Circle), (Ink.Bad, MarkerType.Diamond), (Ink.Good, MarkerType.Triangle),
            (Ink.Plain, MarkerType.Square), (Ink.Text, MarkerType.Circle),
        ];
        foreach (var (curve, at) in panel.Curves.Select((curve, at) => (curve, at)))
        {
            (OxyColor ink, MarkerType shape) = looks[at % looks.Length];
            model.Series.Add(Curve(panel.Values.Zip(curve.Speedups).Where(p => p.Second is not null)
                .Select(p => (Log2(p.First), (double)p.Second!.Mean)), ink, LineStyle.Solid, shape));
            foreach (var (x, y) in panel.Values.Zip(curve.Speedups).Where(p => p.Second is not null))
            {
                model.Series.Add(Curve([(Log2(x), (double)y!.Low), (Log2(x), (double)y.High)], ink, LineStyle.Solid,
                    MarkerType.None));
            }
        }

        return Svg.Of(model, $"Speed-up by {panel.Parameter}", Width, Height);
    }

    private static Svg Draw(PlotModel model, string title, int rows) =>
        Svg.Of(model, title, Width, (rows * Row) + 58);

    private static PlotModel New() => new()
    {
        PlotAreaBorderThickness = new OxyThickness(0),
        PlotAreaBorderColor = Ink.Grid,
        TextColor = Ink.Text,
        Padding = new OxyThickness(2, 4, 8, 2),
    };

    /// <summary>A chart with one row for each label, the first at the top.</summary>
    private static PlotModel Rows(string[] labels)
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
                StrokeThickness = Row,
                LineStyle = LineStyle.Solid,
                Layer = AnnotationLayer.BelowAxes,
            });
        }

        return model;
    }

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
        axis.AxisTitleDistance = axis.IsVertical() ? 14 : 7;
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

    private static void Dot(PlotModel model, int row, double x, OxyColor ink, MarkerType shape)
    {
        var dot = new ScatterSeries { MarkerType = shape, MarkerFill = ink, MarkerSize = 4 };
        dot.Points.Add(new(x, row));
        model.Series.Add(dot);
    }

    private static LineSeries Curve(IEnumerable<(double X, double Y)> points, OxyColor ink, LineStyle style,
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
        line.Points.AddRange(points.Select(p => new DataPoint(p.X, p.Y)));
        return line;
    }

    private static double Log2(decimal value) => Math.Log2((double)value);

    private static string Ratio(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>What fits beside a row: a name that is longer stands whole in the table.</summary>
    private static string Fitting(string label) => Harness.Foundation.Text.CleanText.Short(label, 30);
}
