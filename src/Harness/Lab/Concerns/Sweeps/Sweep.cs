using UapiLab.Harness.Foundation.Statistics;

namespace UapiLab.Harness.Lab.Concerns.Sweeps;

/// <summary>A ratio of two sides along a parameter: at some values first, then by bisection wherever neighbours lie on
/// different sides of the level.</summary>
/// <param name="What">The ratio.</param>
/// <param name="Parameter">What is varied.</param>
/// <param name="Scale">How its values are halved.</param>
/// <param name="Values">To begin with, rising; a crossing twice between two of them is not seen.</param>
/// <param name="Ratio">At a value, with its interval over the seeds; null if there is none.</param>
internal sealed record Sweep(string What, string Parameter, SweepScale Scale, IReadOnlyList<long> Values, Func<long,
    Summary?> Ratio)
{
    // As near to the level as this is on neither side of it.
    private const decimal Margin = 0.0005m;

    /// <summary>Where the break-even is.</summary>
    public decimal Level { get; init; } = 1;

    public Curve Run()
    {
        var points = Values.Select(v => (At: v, Ratio: Ratio(v))).ToArray();
        var known = points.Where(p => p.Ratio is not null).Select(p => (p.At, Ratio: p.Ratio!.Value)).ToArray();
        var decided = known.Where(p => SideOf(p.Ratio.Mean) != 0).ToArray();
        var crossings = decided.Zip(decided.Skip(1))
            .Where(pair => SideOf(pair.First.Ratio.Mean) != SideOf(pair.Second.Ratio.Mean))
            .Select(pair => Crossing(known, pair.First.At, pair.Second.At, SideOf(pair.Second.Ratio.Mean) > 0));
        return new(What, Parameter, Level,
            [.. points.Select(p => new CurvePoint(Scale.Text(p.At), p.Ratio?.Mean, p.Ratio?.Low, p.Ratio?.High))],
            [.. crossings]);
    }

    private CurveCrossing Crossing((long At, Summary Ratio)[] known, long before, long after, bool rises)
    {
        var (near, far) = Bisect(before, after, s => s.Mean, rises);

        // Going up, the interval meets the level with its high end first and leaves it with its low end; going down,
        // the other way round.
        Func<Summary, decimal> first = rises ? s => s.High : s => s.Low;
        Func<Summary, decimal> last = rises ? s => s.Low : s => s.High;
        var clearBefore = known.LastOrDefault(p => p.At <= before && !IsPast(first(p.Ratio), rises), (At: -1, default));
        var clearAfter = known.FirstOrDefault(p => p.At >= after && IsPast(last(p.Ratio), rises), (At: -1, default));
        return new(rises, Scale.Text(near), Scale.Text(far),
            clearBefore.At < 0 ? null
                : Scale.Text(IsPastAt(near, first, rises) ? Bisect(clearBefore.At, near, first, rises).Near : near),
            clearAfter.At < 0 ? null
                : Scale.Text(IsPastAt(far, last, rises) ? far : Bisect(far, clearAfter.At, last, rises).Far));
    }

    /// <summary>Two values with nothing to try between them, the first not past the level, the second past
    /// it.</summary>
    private (long Near, long Far) Bisect(long near, long far, Func<Summary, decimal> end, bool rises)
    {
        while (Scale.Middle(near, far) is var middle && middle > near && middle < far && Ratio(middle) is { } ratio)
        {
            (near, far) = IsPast(end(ratio), rises) ? (near, middle) : (middle, far);
        }

        return (near, far);
    }

    private bool IsPastAt(long value, Func<Summary, decimal> end, bool rises) =>
        Ratio(value) is { } ratio && IsPast(end(ratio), rises);

    private bool IsPast(decimal ratio, bool rises) => rises ? ratio > Level : ratio < Level;

    private int SideOf(decimal mean) => mean > Level + Margin ? 1 : mean < Level - Margin ? -1 : 0;
}
