namespace UapiLab.Harness.Checking.Search;

/// <summary>
/// How many states a breadth-first search will have found in the end. From level to level the growth falls about
/// evenly, from doubling over standing still to dying out; so a line through its logarithm says how the levels will go
/// on. Lines through the last quarter of the levels and through more of them differ; the least and the most they say,
/// halved and doubled, are the estimate, and where these are far apart there is none. On the suite the truth lay within
/// once a fifth was searched; before, a search may be several times larger than it looks.
/// </summary>
public sealed class SizeEstimate
{
    private const int FewestLevels = 12;
    private const int FewestInLine = 4;
    private const double Margin = 2;
    private const double WidestRange = 10;
    private const double TooMany = 1e12;
    private static readonly double[] s_shares = [0.25, 0.35, 0.5, 0.65];

    private readonly List<long> _levels = [];
    private long _states;

    /// <summary>Takes the next level.</summary>
    /// <param name="states">New states in it; a level without any ends the search.</param>
    public void Add(long states)
    {
        _levels.Add(states);
        _states += states;
    }

    /// <summary>The search began anew.</summary>
    public void Clear()
    {
        _levels.Clear();
        _states = 0;
    }

    /// <summary>The least and the most states in all; null as long as nothing can be said.</summary>
    public (long Least, long Most)? Total
    {
        get
        {
            if (_levels.Count < FewestLevels || _levels[^1] == 0)
            {
                return null;
            }

            var least = TooMany;
            var most = 0.0;
            foreach (var share in s_shares)
            {
                if (ByLine(Math.Max(FewestInLine, (int)(_levels.Count * share))) is not { } total)
                {
                    return null;
                }

                least = Math.Min(least, total);
                most = Math.Max(most, total);
            }

            (least, most) = (Math.Max(least / Margin, _states), most * Margin);
            return most > WidestRange * least ? null : ((long)least, (long)most);
        }
    }

    /// <summary>States in all, by a line through the growth of the last levels; null if it does not fall.</summary>
    private double? ByLine(int levels)
    {
        var growth = Enumerable.Range(_levels.Count - levels, levels)
            .Select(level => Math.Log((double)_levels[level] / _levels[level - 1])).ToArray();
        var middle = (levels - 1) / 2.0;
        var mean = growth.Average();
        var slope = growth.Select((g, i) => (g - mean) * (i - middle)).Sum()
            / Enumerable.Range(0, levels).Sum(i => (i - middle) * (i - middle));
        double total = _states;
        double size = _levels[^1];
        for (var next = levels; slope < 0 && size >= 1 && total < TooMany; next++)
        {
            size *= Math.Exp(mean + (slope * (next - middle)));
            total += size;
        }

        return slope < 0 && total < TooMany ? total : null;
    }
}
