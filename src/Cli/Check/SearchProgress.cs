namespace UapiLab.Cli.Check;

/// <summary>How far a search is, on one line. The rest is estimated from how fast levels shrink, and only where the
/// last ones did: a search that still grows says nothing of where it ends.</summary>
/// <param name="what">What is searched.</param>
/// <param name="isBreadthFirst">Whether it goes level by level.</param>
internal sealed class SearchProgress(string what, bool isBreadthFirst)
{
    /// <summary>Levels in a row that have to shrink.</summary>
    private const int Shrinking = 3;

    /// <summary>Levels that shrink less than this may go on for ever.</summary>
    private const double Slowest = 0.98;

    private readonly List<long> _levels = [];
    private long _before;
    private long _last;
    private int _depth;

    /// <summary>The line.</summary>
    /// <param name="states">States so far.</param>
    /// <param name="depth">Levels that are done, or steps of the path.</param>
    /// <param name="elapsed">Since the search began.</param>
    public string Line(long states, int depth, TimeSpan elapsed)
    {
        See(states, depth);
        var rate = states / Math.Max(elapsed.TotalSeconds, 0.001);
        var frontier = isBreadthFirst ? Invariant($", frontier {states - _before:N0}") : "";
        return Invariant($"{what}: {states:N0} states, {rate:N0}/s, depth {depth}{frontier}, ")
            + Invariant($"{elapsed.TotalSeconds:F0} s; {Rest(rate)}");
    }

    /// <summary>Takes note of a level. A search that begins again has fewer states than before.</summary>
    public void See(long states, int depth)
    {
        if (states < _last || depth < _depth)
        {
            _levels.Clear();
            (_before, _depth) = (0, 0);
        }

        if (depth > _depth)
        {
            _levels.Add(states - _before);
            (_before, _depth) = (states, depth);
        }

        _last = states;
    }

    /// <summary>The least and the most states that are still to come, if levels go on shrinking as the last ones did;
    /// null if they do not shrink.</summary>
    public (long Least, long Most)? Estimate()
    {
        if (!isBreadthFirst || _levels.Count <= Shrinking)
        {
            return null;
        }

        double[] ratios =
            [.. _levels.TakeLast(Shrinking + 1).Zip(_levels.TakeLast(Shrinking), (a, b) => (double)b / a)];
        double Sum(double ratio) => _levels[^1] * ratio / (1 - ratio);
        return ratios.Max() >= Slowest ? null : ((long)Sum(ratios.Min()), (long)Sum(ratios.Max()));
    }

    private string Rest(double rate)
    {
        if (Estimate() is not var (least, most))
        {
            return "no estimate yet";
        }

        var seconds = Math.Max(rate, 1);
        return Invariant($"{least:N0} to {most:N0} states to come, {least / seconds:F0} to {most / seconds:F0} s");
    }
}
