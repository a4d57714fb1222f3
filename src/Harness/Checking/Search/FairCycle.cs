namespace UapiLab.Harness.Checking.Search;

/// <summary>
/// Looks for a cycle that a fair scheduler may follow for ever without showing a property: a strongly connected
/// component, transitions that show it left out, in which every process that can step in each of its states does step
/// (weak fairness). Of processes that may have each other's names only this is asked: if all of them can step in each
/// state, one does. Every fair cycle is found so, and some that are none.
/// </summary>
internal sealed class FairCycle
{
    private const uint None = uint.MaxValue;
    private const long Chunk = 1 << 16;
    private readonly EdgeList _edges;
    private readonly uint[] _targets;
    private readonly uint _property;
    private readonly IReadOnlyList<ulong> _interchangeable;
    private readonly ulong _named;
    private readonly Func<string?> _stop;
    private string? _bound;

    private FairCycle(EdgeList edges, uint[] targets, uint property, IReadOnlyList<ulong> interchangeable,
        Func<string?> stop)
    {
        this._edges = edges;
        this._targets = targets;
        this._property = property;
        _interchangeable = interchangeable;
        _stop = stop;
        _named = ~interchangeable.Aggregate(0UL, (all, set) => all | set);
    }

    /// <summary>What looking for cycles takes besides the transitions: a number for each, and two numbers, a mark and a
    /// place on either stack for each state.</summary>
    public static long BytesOf(EdgeList? edges) => edges is null ? 0
        : (edges.Count * sizeof(uint)) + (edges.States * (2L * sizeof(uint) + 1 + sizeof(int) + 2 * sizeof(long)));

    /// <summary>The numbers of the states that transitions lead to.</summary>
    /// <returns>What ended it early; else null.</returns>
    public static string? Resolve(EdgeList edges, int threads, Func<ulong, byte, uint> number, Func<string?> stop,
        out uint[] targets)
    {
        var found = targets = new uint[edges.Count];
        string? bound = null;
        Parallel.For(0, (edges.Count + Chunk - 1) / Chunk, new ParallelOptions { MaxDegreeOfParallelism = threads },
            (chunk, loop) =>
        {
            if (stop() is { } reason)
            {
                bound = reason;
                loop.Stop();
                return;
            }

            for (var edge = chunk * Chunk; edge < Math.Min(edges.Count, (chunk + 1) * Chunk); edge++)
            {
                found[edge] = number(edges.Target(edge), edges[edge].RemainingBudget);
            }
        });
        return bound;
    }

    /// <returns>The states and actions of the cycle, in order; null if there is none, or what ended the search for it
    /// early.</returns>
    public static (IReadOnlyList<(long State, int Action)>? Cycle, string? Bound) Find(EdgeList edges, uint[] targets,
        uint property, IReadOnlyList<ulong> interchangeable, Func<string?> stop)
    {
        var search = new FairCycle(edges, targets, property, interchangeable, stop);
        return (search.Find(), search._bound);
    }

    private IReadOnlyList<(long State, int Action)>? Find()
    {
        // Tarjan's algorithm with its own stack.
        var states = _edges.States;
        var index = new uint[states];
        var low = new uint[states];
        var onStack = new bool[states];
        var stack = new Stack<int>();
        var calls = new Stack<(int State, long Edge)>();
        uint counter = 0;
        long looks = 0;
        for (var root = 0; root < states; root++)
        {
            if (index[root] != 0)
            {
                continue;
            }

            Enter(root);
            while (calls.TryPop(out var call))
            {
                if ((++looks & (Chunk - 1)) == 0 && (_bound = _stop()) is not null)
                {
                    return null;
                }

                var (state, edge) = call;
                var (_, to) = _edges.Of(state);
                var descended = false;
                for (; edge < to; edge++)
                {
                    if (IsUsable(edge) is not { } target)
                    {
                        continue;
                    }

                    if (index[target] == 0)
                    {
                        calls.Push((state, edge));
                        Enter(target);
                        descended = true;
                        break;
                    }

                    if (onStack[target])
                    {
                        low[state] = Math.Min(low[state], low[target]);
                    }
                }

                if (descended)
                {
                    continue;
                }

                if (low[state] == index[state])
                {
                    if (stack.Peek() == state && !StepsToItself(state))
                    {
                        onStack[stack.Pop()] = false;
                        continue;
                    }

                    var component = new List<int>();
                    int member;
                    do
                    {
                        member = stack.Pop();
                        onStack[member] = false;
                        component.Add(member);
                    }
                    while (member != state);
                    if (CycleIn(component) is { } cycle)
                    {
                        return cycle;
                    }
                }
                else if (calls.TryPeek(out var caller))
                {
                    low[caller.State] = Math.Min(low[caller.State], low[state]);
                }
            }
        }

        return null;

        void Enter(int state)
        {
            index[state] = low[state] = ++counter;
            stack.Push(state);
            onStack[state] = true;
            calls.Push((state, _edges.Of(state).From));
        }
    }

    private int? IsUsable(long edge) => _targets[edge] == None || (_edges[edge].Eventually & _property) != 0 ? null
        : (int)_targets[edge];

    private bool StepsToItself(int state)
    {
        var (from, to) = _edges.Of(state);
        for (var edge = from; edge < to; edge++)
        {
            if (IsUsable(edge) == state)
            {
                return true;
            }
        }

        return false;
    }

    private List<(long State, int Action)>? CycleIn(List<int> component)
    {
        var members = component.ToHashSet();
        var alwaysEnabled = ulong.MaxValue;
        ulong steps = 0;
        foreach (var state in component)
        {
            ulong enabled = 0;
            var (from, to) = _edges.Of(state);
            for (var edge = from; edge < to; edge++)
            {
                enabled |= Bit(edge);
                steps |= IsUsable(edge) is { } target && members.Contains(target) ? Bit(edge) : 0;
            }

            alwaysEnabled &= enabled;
        }

        return steps != 0 && MayBeFair(alwaysEnabled, steps) ? Walk(members, component.Min(), steps) : null;
    }

    private bool MayBeFair(ulong alwaysEnabled, ulong steps) => (alwaysEnabled & ~steps & _named) == 0
        && _interchangeable.All(set => (alwaysEnabled & set) != set || (steps & set) != 0);

    private ulong Bit(long edge) => 1UL << _edges[edge].Process;

    /// <summary>A closed walk from the lowest state that takes a step of every process that steps in the
    /// component.</summary>
    private List<(long State, int Action)> Walk(HashSet<int> members, int start, ulong wanted)
    {
        var walk = new List<(long, int)>();
        var at = start;
        for (var left = wanted; left != 0; left &= left - 1)
        {
            var process = System.Numerics.BitOperations.TrailingZeroCount(left);
            at = Go(walk, members, at, edge => _edges[edge].Process == process);
        }

        if (at != start)
        {
            Go(walk, members, at, edge => _targets[edge] == (uint)start);
        }

        return walk;
    }

    /// <summary>Walks to the nearest transition of a kind, takes it, and says where that is.</summary>
    private int Go(List<(long, int)> walk, HashSet<int> members, int start, Func<long, bool> isGoal)
    {
        var from = new Dictionary<int, (int State, long Edge)>();
        var todo = new Queue<int>([start]);
        while (todo.TryDequeue(out var state))
        {
            var (first, end) = _edges.Of(state);
            for (var edge = first; edge < end; edge++)
            {
                if (IsUsable(edge) is not { } target || !members.Contains(target))
                {
                    continue;
                }

                if (isGoal(edge))
                {
                    var back = new List<(long, int)> { (state, _edges[edge].Action) };
                    for (var s = state; s != start; s = from[s].State)
                    {
                        back.Add((from[s].State, _edges[from[s].Edge].Action));
                    }

                    back.Reverse();
                    walk.AddRange(back);
                    return target;
                }

                if (target != start && from.TryAdd(target, (state, edge)))
                {
                    todo.Enqueue(target);
                }
            }
        }

        throw new InvalidOperationException("a strongly connected component in which a transition cannot be reached");
    }
}
