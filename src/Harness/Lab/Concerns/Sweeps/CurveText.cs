namespace UapiLab.Harness.Lab.Concerns.Sweeps;

/// <summary>A curve in one line.</summary>
internal static class CurveText
{
    /// <summary>What, the points as value:ratio, and where it crosses.</summary>
    public static string Line(Curve curve) =>
        $"{curve.What} by {curve.Parameter}: {string.Join(", ", curve.Points.Select(Point))}; {Crossings(curve)}";

    /// <summary>Where it crosses, or that it does not.</summary>
    public static string Crossings(Curve curve)
    {
        var level = Number(curve.Level);
        return curve.Crossings.Count == 0
            ? $"no crossing of {level} within {curve.Points[0].At}..{curve.Points[^1].At}{Side(curve)}"
            : string.Join(", ",
                curve.Crossings.Select(c => $"{(c.Rises ? "rises above" : "falls below")} {level} at {At(c)}"));
    }

    /// <summary>The value with its interval, an end that was not found left open.</summary>
    public static string At(CurveCrossing crossing) => crossing.Low == crossing.After && crossing.High == crossing.At
        ? crossing.At
        : $"{crossing.At} [{crossing.Low ?? "…"}, {crossing.High ?? "…"}]";

    private static string Side(Curve curve) =>
        curve.Points.All(p => p.Mean > curve.Level) ? ", above throughout" : curve.Points.All(p => p.Mean < curve.Level)
            ? ", below throughout" : "";

    private static string Point(CurvePoint point) => $"{point.At}:{(point.Mean is { } mean ? Number(mean) : "?")}";

    private static string Number(decimal value) => Invariant($"{value:0.###}");
}
