using System.Text;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Shortens a rejected trace to the part that matters: the last lines before the event, and the threads
/// without which it would be accepted.</summary>
public static class TraceReducer
{
    private const int FewestLines = 4;

    /// <summary>The shortest part found that is rejected at the same line for the same rule, and behind it lines of
    /// kinds that occur only later, where a kind that never occurs would be taken for one that was not
    /// recorded.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="options">As for the check that rejected it.</param>
    /// <param name="rejection">What that check found.</param>
    public static IReadOnlyList<string> Reduce(TraceFile file, ConformOptions options, ConformRejection rejection)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(rejection);
        var lines = Lines(file, number => number <= rejection.Line);
        IReadOnlyList<string> after = [];
        if (!IsRejectedLike(lines, after, options, rejection))
        {
            // What occurs for the first time later was recorded all along.
            var first = FirstOfEachKind(file, rejection.Line);
            after = Lines(file, first.Contains);
            if (!IsRejectedLike(lines, after, options, rejection))
            {
                return Lines(file, _ => true);
            }
        }

        for (var length = FewestLines; length < lines.Count; length *= 2)
        {
            // A start cut off makes the past unknown, so a part may be accepted where the whole is not: then it was too
            // short.
            if (IsRejectedLike(lines[^length..], after, options, rejection))
            {
                lines = lines[^length..];
                break;
            }
        }

        foreach (var thread in lines.Select(ThreadOf).Distinct(StringComparer.Ordinal).ToList())
        {
            var without = lines.Where(line => ThreadOf(line) != thread).ToList();
            if (thread != ThreadOf(rejection.Text) && IsRejectedLike(without, after, options, rejection))
            {
                lines = without;
            }
        }

        return [.. lines, .. after];
    }

    private static bool IsRejectedLike(List<string> lines, IReadOnlyList<string> after, ConformOptions options,
        ConformRejection rejection)
    {
        if (lines.Count == 0)
        {
            return false;
        }

        using var part = TraceFile.Of("part", [.. lines, .. after]);
        try
        {
            return TraceConformance.CheckOpened(part, options, CancellationToken.None).Rejection is { } found
                && found.Rule == rejection.Rule && found.Line == lines.Count;
        }
        catch (TraceFormatException)
        {
            // Nothing in it is explained one by one, so nothing in it was rejected: it was too short.
            return false;
        }
    }

    private static HashSet<long> FirstOfEachKind(TraceFile file, long after)
    {
        var (kinds, lines) = (new HashSet<RecordedKind>(), new HashSet<long>());
        using var trace = new RecordedTrace(file);
        while (trace.MoveNext())
        {
            if (!trace.IsGap && trace.Current.Line > after && kinds.Add(trace.Current.Kind))
            {
                lines.Add(trace.Current.Line);
            }
        }

        return lines;
    }

    private static List<string> Lines(TraceFile file, Func<long, bool> wanted)
    {
        var kept = new List<string>();
        using var trace = file.Lines();
        while (trace.MoveNext())
        {
            if (wanted(trace.Number))
            {
                kept.Add(Encoding.Latin1.GetString(trace.Current));
            }
        }

        return kept;
    }

    private static string ThreadOf(string line)
    {
        var bracket = line.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? "" : line[..bracket].Trim();
    }
}
