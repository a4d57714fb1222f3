using System.Runtime.InteropServices;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>
/// Sets of states that look the same to one party: all states that runs can be in which have shown it the same things
/// in the same order. Explored breadth first, so that the first set with some trait is one with the fewest things seen.
/// </summary>
internal sealed class KnowledgeSets
{
    private readonly ViewGraph _graph;
    private readonly Observer _observer;

    public KnowledgeSets(ViewGraph graph, Observer observer)
    {
        this._graph = graph;
        this._observer = observer;
    }

    /// <summary>States that can be reached without the party seeing anything, those of the set included;
    /// sorted.</summary>
    public int[] Closure(IEnumerable<int> from)
    {
        var reached = new HashSet<int>(from);
        var pending = new Stack<int>(reached);
        while (pending.TryPop(out var node))
        {
            foreach (var edge in _graph.From(node))
            {
                if (edge.Seen(_observer) == 0 && reached.Add(edge.Target))
                {
                    pending.Push(edge.Target);
                }
            }
        }

        int[] closed = [.. reached];
        Array.Sort(closed);
        return closed;
    }

    /// <summary>The set after something has been seen.</summary>
    public int[] After(IEnumerable<int> belief, int seen) =>
        Closure(belief.SelectMany(node => _graph.From(node)).Where(edge => edge.Seen(_observer) == seen)
            .Select(edge => edge.Target));

    /// <summary>Something the party did, as a set of states right after it: all it can tell is that it is in one of
    /// them.</summary>
    /// <param name="Views">What it has seen, the last thing included.</param>
    /// <param name="Vcpu">For which vCPU.</param>
    /// <param name="Targets">The states.</param>
    public sealed record Decision(IReadOnlyList<int> Views, int Vcpu, IReadOnlyList<int> Targets);

    /// <summary>Every set in which KVM commits to a not-present, once for each.</summary>
    /// <param name="maxMembers">Give up when all sets together are bigger.</param>
    /// <param name="stop">Give up when it says so.</param>
    /// <param name="isComplete">Nothing was left out.</param>
    public IReadOnlyList<Decision> Decisions(long maxMembers, Func<bool> stop, out bool isComplete)
    {
        var decisions = new List<Decision>();
        var known = new HashSet<int[]>(new BySet());
        var pending = new List<(int[] Belief, int Parent, int Seen)> { (Closure(_graph.Initial), -1, 0) };
        known.Add(pending[0].Belief);
        long members = pending[0].Belief.Length;
        isComplete = _graph.IsComplete;
        for (var at = 0; at < pending.Count; at++)
        {
            if (members > maxMembers || (at % 64 == 0 && stop()))
            {
                isComplete = false;
                break;
            }

            // What can be seen next, in the order in which the graph numbered it.
            var next = new SortedDictionary<int, (List<int> Targets, int Injected)>();
            foreach (var node in pending[at].Belief)
            {
                foreach (var edge in _graph.From(node))
                {
                    if (edge.Seen(_observer) is var seen && seen != 0)
                    {
                        if (!next.TryGetValue(seen, out var entry))
                        {
                            next.Add(seen, entry = ([], edge.Injected));
                        }

                        entry.Targets.Add(edge.Target);
                    }
                }
            }

            foreach (var (seen, (targets, injected)) in next)
            {
                if (injected >= 0)
                {
                    decisions.Add(new([.. Seen(at), seen], injected, [.. targets.Distinct().Order()]));
                }

                var belief = Closure(targets);
                if (known.Add(belief))
                {
                    members += belief.Length;
                    pending.Add((belief, at, seen));
                }
            }
        }

        return decisions;

        List<int> Seen(int at)
        {
            var views = new List<int>();
            for (; pending[at].Parent >= 0; at = pending[at].Parent)
            {
                views.Add(pending[at].Seen);
            }

            views.Reverse();
            return views;
        }
    }

    /// <summary>Sets are the same when their members are.</summary>
    private sealed class BySet : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] set) => (int)Fingerprint.Of(MemoryMarshal.AsBytes(set.AsSpan()));
    }
}
