using System.Text;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Shortens a rejected trace to the part that matters: the last lines before the event, and the threads
/// without which it would be accepted.</summary>
public static class TraceReducer
{
    private const int FewestLines = 4;

    /// <summary>The shortest part found that is rejected at the same line for the same rule.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="options">As for the check that rejected it.</param>
    /// <param name="rejection">What that check found.</param>
    public static IReadOnlyList<string> Reduce(TraceFile file, ConformOptions options, ConformRejection rejection)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(rejection);
        var lines = LinesUpTo(file, rejection.Line);
        for (var length = FewestLines; length < lines.Count; length *= 2)
        {
            // A start cut off makes the past unknown, so a part may be accepted where the whole is not: then it was too
            // short.
            if (IsRejectedLike(lines[^length..], options, rejection))
            {
                lines = lines[^length..];
                break;
            }
        }

        foreach (var thread in lines.Select(ThreadOf).Distinct(StringComparer.Ordinal).ToList())
        {
            var without = lines.Where(line => ThreadOf(line) != thread).ToList();
            if (thread != ThreadOf(rejection.Text) && IsRejectedLike(without, options, rejection))
            {
                lines = without;
            }
        }

        return lines;
    }

    private static bool IsRejectedLike(List<string> lines, ConformOptions options, ConformRejection rejection)
    {
        if (lines.Count == 0)
        {
            return false;
        }

        using var part = TraceFile.Of("part", lines);
        return TraceConformance.CheckOpened(part, options, CancellationToken.None).Rejection is { } found
            && found.Rule == rejection.Rule && found.Line == lines.Count;
    }

    private static List<string> LinesUpTo(TraceFile file, long last)
    {
        var kept = new List<string>();
        using var trace = file.Lines();
        while (trace.Number < last && trace.MoveNext())
        {
            kept.Add(Encoding.Latin1.GetString(trace.Current));
        }

        return kept;
    }

    private static string ThreadOf(string line)
    {
        var bracket = line.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? "" : line[..bracket].Trim();
    }
}
