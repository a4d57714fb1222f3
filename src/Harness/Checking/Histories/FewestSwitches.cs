namespace UapiLab.Harness.Checking.Histories;

/// <summary>
/// Puts together what one actor does in a schedule, so that a reader has to follow fewer changes from one to another.
/// Steps of an actor keep their order and none is added, so a schedule never gets longer.
/// </summary>
internal static class FewestSwitches
{
    /// <summary>Replays, unless the caller asks for another number.</summary>
    public const int DefaultReplays = 10_000;

    /// <summary>A schedule that reproduces, with as few switches as could be had by moving blocks one after
    /// another.</summary>
    /// <param name="schedule">Actors in the order of their steps; it is known to reproduce.</param>
    /// <param name="reproduces">Whether a reordered schedule can be taken and still does what the first does.</param>
    /// <param name="replays">How often to ask at most.</param>
    public static IReadOnlyList<int> Reduce(IReadOnlyList<int> schedule, Func<IReadOnlyList<int>, bool> reproduces,
        int replays = DefaultReplays)
    {
        var best = schedule;
        var refused = new HashSet<string>(StringComparer.Ordinal);
        while (Better(best, reproduces, refused, ref replays) is { } better)
        {
            best = better;
        }

        return best;
    }

    /// <summary>Changes from one actor to another.</summary>
    public static int Count(IReadOnlyList<int> schedule)
    {
        var switches = 0;
        for (var i = 1; i < schedule.Count; i++)
        {
            switches += schedule[i] != schedule[i - 1] ? 1 : 0;
        }

        return switches;
    }

    private static int[]? Better(IReadOnlyList<int> schedule, Func<IReadOnlyList<int>, bool> reproduces,
        HashSet<string> refused, ref int replays)
    {
        var switches = Count(schedule);
        var candidates = Joined(Blocks(schedule)).Select(blocks => Steps(blocks))
            .Select(steps => (Steps: steps, Switches: Count(steps)))
            .Where(c => c.Switches < switches)
            .OrderBy(c => c.Switches); // stable: candidates of one count stay in the order in which they were made
        foreach (var (steps, _) in candidates)
        {
            var key = string.Join(' ', steps);
            if (refused.Contains(key))
            {
                continue;
            }

            if (replays-- <= 0)
            {
                return null;
            }

            if (reproduces(steps))
            {
                return steps;
            }

            refused.Add(key);
        }

        return null;
    }

    /// <summary>Every way to bring a block and the one before it of the same actor together: of what stands between
    /// them some goes before the first and the rest after the second, in the order it has.</summary>
    private static IEnumerable<List<(int Actor, int Length)>> Joined(List<(int Actor, int Length)> blocks)
    {
        for (var second = 1; second < blocks.Count; second++)
        {
            var first = blocks.FindLastIndex(second - 1, b => b.Actor == blocks[second].Actor);
            for (var before = 0; first >= 0 && before < second - first; before++)
            {
                var between = blocks.GetRange(first + 1, second - first - 1);
                yield return
                [
                    .. blocks.Take(first), .. between.Take(before),
                        (blocks[first].Actor, blocks[first].Length + blocks[second].Length),
                    .. between.Skip(before), .. blocks.Skip(second + 1),
                ];
            }
        }
    }

    private static List<(int Actor, int Length)> Blocks(IReadOnlyList<int> schedule)
    {
        var blocks = new List<(int Actor, int Length)>();
        foreach (var actor in schedule)
        {
            if (blocks.Count > 0 && blocks[^1].Actor == actor)
            {
                blocks[^1] = (actor, blocks[^1].Length + 1);
            }
            else
            {
                blocks.Add((actor, 1));
            }
        }

        return blocks;
    }

    private static int[] Steps(List<(int Actor, int Length)> blocks) =>
        [.. blocks.SelectMany(b => Enumerable.Repeat(b.Actor, b.Length))];
}
