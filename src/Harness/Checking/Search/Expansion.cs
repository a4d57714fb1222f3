namespace UapiLab.Harness.Checking.Search;

/// <summary>A successor.</summary>
internal record struct Candidate(ulong Fingerprint, long Parent, int Action, int Offset, int Length,
    byte RemainingBudget, byte Process, bool IsNew);

/// <summary>What came of some states, in the order of parents and actions.</summary>
/// <param name="eventually">The eventually-properties among some; null: transitions are not kept.</param>
/// <param name="hash">Makes fingerprints.</param>
/// <param name="visited">Where candidates will be looked up; null: elsewhere.</param>
internal class Expansion(Func<ulong, uint>? eventually, StateHash hash, VisitedSet? visited) : ISuccessors
{
    private byte[] _states = new byte[1 << 16];
    private long _parent;

    public List<Candidate> Candidates { get; } = [];
    public List<(ulong Properties, long Parent, int Action)> Findings { get; } = [];
    public EdgeList.Builder Edges { get; } = new();
    public long Transitions { get; protected set; }

    /// <summary>Bytes of states.</summary>
    protected int Used { get; set; }

    /// <summary>Successors of the state that is expanded.</summary>
    protected int Actions { get; private set; }

    public void Clear()
    {
        Used = 0;
        Transitions = 0;
        Candidates.Clear();
        Findings.Clear();
        Edges.Clear();
    }

    /// <summary>A state is expanded.</summary>
    public virtual void Parent(long number)
    {
        _parent = number;
        Actions = 0;
    }

    /// <summary>All of its successors are known.</summary>
    public virtual void EndParent() => Edges.EndState();

    public ReadOnlySpan<byte> State(in Candidate candidate) => _states.AsSpan(candidate.Offset, candidate.Length);

    public virtual void Add(ReadOnlySpan<byte> next, in StepInfo step)
    {
        Transitions++;
        var fingerprint = hash.Of(next);
        if (step.Observed != 0)
        {
            Findings.Add((step.Observed, _parent, Actions));
        }

        if (eventually is not null)
        {
            Edges.Add(fingerprint, step, Actions, eventually(step.Observed));
        }

        visited?.Prefetch(fingerprint, step.RemainingBudget);
        if (Used + next.Length > _states.Length)
        {
            Array.Resize(ref _states, Math.Max(_states.Length * 2, Used + next.Length));
        }

        next.CopyTo(_states.AsSpan(Used));
        Candidates.Add(new(fingerprint, _parent, Actions, Used, next.Length, step.RemainingBudget, (byte)step.Process,
            false));
        Used += next.Length;
        Actions++;
    }

    public void Observe(ulong properties) => Findings.Add((properties, _parent, -1));

    /// <summary>What the steps of the state that is expanded have shown does not count.</summary>
    protected void DropFindings() => Findings.RemoveAll(f => f.Parent == _parent && f.Action >= 0);

    /// <summary>The candidate, its state behind those that are used.</summary>
    protected Candidate MoveToEnd(Candidate candidate)
    {
        if (candidate.Offset != Used)
        {
            State(candidate).CopyTo(_states.AsSpan(Used));
            candidate.Offset = Used;
        }

        Used += candidate.Length;
        return candidate;
    }
}
