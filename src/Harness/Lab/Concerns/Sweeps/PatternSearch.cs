namespace UapiLab.Harness.Lab.Concerns.Sweeps;

/// <summary>Looks for the lowest value of a function of some parameters, each an index into its values.
/// Deterministic.</summary>
/// <remarks>A line search over each parameter in turn finds the valley, steps to the lowest neighbour its floor. It
/// ends where every neighbour, one step in one parameter or in two at once, was evaluated and none is lower: a lowest
/// point of its surroundings, not of everything.</remarks>
internal sealed class PatternSearch(IReadOnlyList<int> sizes, Func<IReadOnlyList<int>, decimal?> evaluate,
    Func<bool> stop)
{
    private readonly Dictionary<string, decimal?> _seen = [];

    /// <summary>Points evaluated so far.</summary>
    public int Evaluated => _seen.Count;

    /// <summary>From a point, over whole parameters.</summary>
    public PatternPoint AlongLines(IReadOnlyList<int> start)
    {
        var best = At(start);
        for (var improves = true; improves && !stop();)
        {
            var before = best;
            for (var i = 0; i < sizes.Count; i++)
            {
                best = Lowest(best, Enumerable.Range(0, sizes[i])
                    .Select(value => Moved(best.Place, (i, value - best.Place[i]))));
            }

            improves = best.Value < before.Value;
        }

        return best;
    }

    /// <summary>From a point, from neighbour to neighbour.</summary>
    public PatternPoint Downhill(IReadOnlyList<int> start)
    {
        var best = At(start);
        while (!stop() && Lowest(best, Neighbours(best.Place)) is var next && next.Value < best.Value)
        {
            best = next;
        }

        return best;
    }

    /// <summary>One step in one parameter, or in two at once, as far as there are values.</summary>
    public IEnumerable<IReadOnlyList<int>> Neighbours(IReadOnlyList<int> place)
    {
        var steps = sizes.SelectMany((_, i) => new[] { (Index: i, Step: -1), (Index: i, Step: 1) }).ToArray();
        var singles = steps.Select(s => Moved(place, s));
        var pairs = from first in steps
                    from second in steps
                    where first.Index < second.Index
                    select Moved(place, first,
            second);
        return singles.Concat(pairs).Where(IsInside);
    }

    /// <summary>Evaluates a point, once.</summary>
    public PatternPoint At(IReadOnlyList<int> place)
    {
        var key = string.Join(',', place);
        if (!_seen.TryGetValue(key, out var value))
        {
            _seen.Add(key, value = evaluate(place));
        }

        return new(place, value);
    }

    private PatternPoint Lowest(PatternPoint best, IEnumerable<IReadOnlyList<int>> places) =>
        places.Select(At).Aggregate(best, (low, point) => point.Value < (low.Value ?? decimal.MaxValue) ? point : low);

    private bool IsInside(IReadOnlyList<int> place) =>
        place.Select((value, i) => value >= 0 && value < sizes[i]).All(inside => inside);

    private static int[] Moved(IReadOnlyList<int> place, params IReadOnlyList<(int Index, int Step)> steps)
    {
        int[] moved = [.. place];
        foreach (var (index, step) in steps)
        {
            moved[index] += step;
        }

        return moved;
    }
}

/// <summary>A point and what was found there; null if nothing could be.</summary>
internal readonly record struct PatternPoint(IReadOnlyList<int> Place, decimal? Value);
