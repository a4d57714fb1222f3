using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>Which threads' caches hold the lines of an encoding's words: a write takes a line from all others, and
/// those who read it since have it too. Each thread has a CPU, and its cache forgets nothing.</summary>
internal sealed class LineOwners
{
    private readonly Dictionary<CacheLine, HashSet<int>> _holders = [];

    /// <summary>A thread accesses a line.</summary>
    /// <returns>Whether it has to come from another thread's cache, or be taken from it.</returns>
    public bool Moves(CacheLine line, int actor, bool writes)
    {
        if (!_holders.TryGetValue(line, out var holders))
        {
            _holders.Add(line, [actor]);
            return false;
        }

        var moves = writes ? holders.Count > 1 || !holders.Contains(actor) : !holders.Contains(actor);
        if (writes)
        {
            holders.Clear();
        }

        holders.Add(actor);
        return moves;
    }
}
