using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cli.Check;

/// <summary>How far a search is, on one line, and how far it is to go.</summary>
/// <param name="what">What is searched.</param>
/// <param name="isBreadthFirst">Whether it goes level by level.</param>
internal sealed class SearchProgress(string what, bool isBreadthFirst)
{
    private readonly SizeEstimate _estimate = new();
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
            + Invariant($"{elapsed.TotalSeconds:F0} s; {Rest(states, rate)}");
    }

    /// <summary>Takes note of a level. A search that begins again has fewer states than before.</summary>
    public void See(long states, int depth)
    {
        if (states < _last || depth < _depth)
        {
            _estimate.Clear();
            (_before, _depth) = (0, 0);
        }

        if (depth > _depth)
        {
            _estimate.Add(states - _before);
            (_before, _depth) = (states, depth);
        }

        _last = states;
    }

    private string Rest(long states, double rate)
    {
        if (!isBreadthFirst || _estimate.Total is not var (least, most))
        {
            return "no estimate yet";
        }

        var seconds = Math.Max(rate, 1);
        return Invariant($"{least:N0} to {most:N0} states in all, {Math.Max(0, least - states) / seconds:F0} to ")
            + Invariant($"{(most - states) / seconds:F0} s to come");
    }
}
