namespace UapiLab.Harness.Lab.Concerns.Sweeps;

/// <summary>A ratio along one parameter, and where it crosses a level.</summary>
/// <param name="What">The ratio.</param>
/// <param name="Parameter">What is varied.</param>
/// <param name="Level">The level; 1 where two sides are compared.</param>
/// <param name="Points">In rising order of the parameter.</param>
/// <param name="Crossings">In the same order; none is an answer too.</param>
public sealed record Curve(string What, string Parameter, decimal Level, IReadOnlyList<CurvePoint> Points,
    IReadOnlyList<CurveCrossing> Crossings);

/// <summary>One point of a curve.</summary>
/// <param name="At">The parameter, as typed.</param>
/// <param name="Mean">The ratio; null if a run failed or did not finish.</param>
/// <param name="Low">Low end of its interval over the seeds.</param>
/// <param name="High">High end.</param>
public sealed record CurvePoint(string At, decimal? Mean, decimal? Low, decimal? High);

/// <summary>Where the mean crosses the level.</summary>
/// <param name="Rises">Whether it is above the level past this point.</param>
/// <param name="After">The last value tried on the near side.</param>
/// <param name="At">The first value tried on the far side.</param>
/// <param name="Low">From here on the interval over the seeds includes the level; null if it does from the first value
/// on.</param>
/// <param name="High">Up to here; null if it does to the last value.</param>
public sealed record CurveCrossing(bool Rises, string After, string At, string? Low, string? High);
