using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>
/// What partial-order reduction could save at best: it is given the whole graph, so it knows of each set of processes
/// whether it is persistent in a state, which a search can only guess from what steps touch. A set is persistent where
/// whatever the others do, until one of the set steps, commutes with every step of the set. The least such set stands
/// for all interleavings, unless it only leads to states that are known already.
/// </summary>
internal sealed class PartialOrderBound : ISuccessors
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<(byte[] State, byte Budget)> _states = [];
    private readonly List<List<Edge>> _edges = [];
    private readonly int _initial;
    private readonly int _processes;

    public PartialOrderBound(IModel model)
    {
        using var worker = model.CreateWorker();
        worker.Initial(this);
        _initial = _states.Count;
        for (var state = 0; state < _states.Count; state++)
        {
            _edges.Add([]);
            worker.Expand(_states[state].State, _states[state].Budget, this);
        }

        _processes = _edges.SelectMany(e => e).Max(e => e.Process) + 1;
    }

    public int States => _states.Count;

    public int Transitions => _edges.Sum(e => e.Count);

    public void Add(ReadOnlySpan<byte> next, in StepInfo step)
    {
        var key = Convert.ToHexString([.. next, step.RemainingBudget]);
        if (!_numbers.TryGetValue(key, out var number))
        {
            _numbers[key] = number = _states.Count;
            _states.Add((next.ToArray(), step.RemainingBudget));
        }

        if (_edges.Count > 0)
        {
            _edges[^1].Add(new(step.Process, number, step.Observed == 0 && !step.IsOptional));
        }
    }

    public void Observe(ulong properties)
    {
    }

    /// <summary>States and transitions that are left.</summary>
    public (int States, int Transitions) Least()
    {
        var persistent = Enumerable.Range(1, (1 << _processes) - 2)
            .Select(set => (Set: set, In: WherePersistent(set))).ToArray();
        var seen = new HashSet<int>(Enumerable.Range(0, _initial));
        var open = new Queue<int>(seen);
        var transitions = 0;
        while (open.TryDequeue(out var state))
        {
            var taken = persistent.Where(p => p.In[state]).Select(p => Of(state, p.Set))
                .Where(e => e.Any(edge => !seen.Contains(edge.Target))).Append(_edges[state]).MinBy(e => e.Count)!;
            transitions += taken.Count;
            foreach (var edge in taken.Where(edge => seen.Add(edge.Target)))
            {
                open.Enqueue(edge.Target);
            }
        }

        return (seen.Count, transitions);
    }

    private List<Edge> Of(int state, int set) => [.. _edges[state].Where(e => (set >> e.Process & 1) != 0)];

    private bool[] WherePersistent(int set)
    {
        var isFree = Enumerable.Range(0, States).Select(state => Commutes(state, set)).ToArray();
        var before = new List<int>[States];
        for (var state = 0; state < States; state++)
        {
            foreach (var edge in Of(state, ~set))
            {
                (before[edge.Target] ??= []).Add(state);
            }
        }

        var open = new Stack<int>(Enumerable.Range(0, States).Where(state => !isFree[state]));
        while (open.TryPop(out var state))
        {
            foreach (var earlier in before[state] ?? [])
            {
                if (isFree[earlier])
                {
                    isFree[earlier] = false;
                    open.Push(earlier);
                }
            }
        }

        return [.. isFree.Select((free, state) => free && Of(state, set) is { Count: > 0 } own
            && own.All(edge => edge.IsUnnoticed))];
    }

    /// <summary>Each step of another process and each of the set, in either order, lead to the same state.</summary>
    private bool Commutes(int state, int set)
    {
        var own = Of(state, set);
        return Of(state, ~set).GroupBy(e => e.Process).All(others => others.Index().All(other =>
            Of(other.Item.Target, set) is var after
            && after.Select(e => e.Process).SequenceEqual(own.Select(e => e.Process))
            && own.Zip(after).All(pair => Of(pair.First.Target, 1 << others.Key) is var theirs
                && theirs.Count == others.Count() && theirs[other.Index].Target == pair.Second.Target)));
    }

    private readonly record struct Edge(int Process, int Target, bool IsUnnoticed);
}
