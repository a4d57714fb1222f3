using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>One vCPU of the trace: the states of the machine that explain everything so far.</summary>
internal sealed class VcpuChecker : IDisposable
{
    /// <summary>More states than any of our recordings needs by far; beyond it nothing is decided.</summary>
    public const int MostStates = 256;

    private readonly LaneContext _context;
    private readonly List<CandidateState> _successors = [];
    private readonly List<Refusal> _refusals = [];
    private List<CandidateState> _frontier = [];
    private List<CandidateState> _survivors = [];

    public VcpuChecker(LaneContext context, bool isFresh)
    {
        this._context = context;
        Begin(isFresh, vector: 0);
    }

    public int VcpuId => _context.VcpuId;

    public AppendOrder Order => _context.Order;

    public IReadOnlyList<CandidateState> Frontier => _frontier;

    /// <summary>HLTs that returned at once, the last ones in a row: how many, and since when.</summary>
    public (int Count, long SinceNs) Halts { get; private set; }

    /// <summary>Most states that there ever were.</summary>
    public int Width { get; private set; } = 1;

    /// <summary>Part of the trace is missing: nothing is known of the vCPU but what it was told for good.</summary>
    public void Forget()
    {
        var vector = _frontier[0].At.Vector;
        _context.Order.Forget();
        Begin(isFresh: false, vector);
    }

    /// <summary>Takes an event of the vCPU's thread.</summary>
    /// <returns>Empty, or why no state explains it.</returns>
    public IReadOnlyList<Refusal> Take(in RecordedEvent e)
    {
        _refusals.Clear();
        _survivors.Clear();
        foreach (var state in _frontier)
        {
            if (state.Take(e, _successors) is { } refusal)
            {
                _refusals.Add(refusal);
                state.Dispose();
            }
            else
            {
                _survivors.Add(state);
            }
        }

        _survivors.AddRange(_successors);
        _successors.Clear();
        (_frontier, _survivors) = (_survivors, _frontier);
        if (_frontier.Count == 0)
        {
            return _refusals;
        }

        Width = Math.Max(Width, _frontier.Count);
        Halts = e switch
        {
            { Kind: RecordedKind.Exit, Reason: LeaveReason.Halt } =>
                (Halts.Count + 1, Halts.Count == 0 ? e.AtNs : Halts.SinceNs),
            { Kind: RecordedKind.Entry } => Halts,
            _ => default,
        };
        Book(e);
        Merge();
        return [];
    }

    /// <summary>Takes something that the VMM did about this vCPU.</summary>
    /// <returns>Empty, or why no state allows it.</returns>
    public IReadOnlyList<Refusal> Take(Func<CandidateState, Refusal?> deed)
    {
        _refusals.Clear();
        _survivors.Clear();
        foreach (var state in _frontier)
        {
            if (deed(state) is { } refusal)
            {
                _refusals.Add(refusal);
                state.Dispose();
            }
            else
            {
                _survivors.Add(state);
            }
        }

        (_frontier, _survivors) = (_survivors, _frontier);
        return _frontier.Count == 0 ? _refusals : [];
    }

    /// <summary>Another vCPU or device sent the vCPU an interrupt that is none of APF's.</summary>
    public void NoteInterrupt(int vcpuId)
    {
        foreach (var state in VcpuId == vcpuId ? _frontier : [])
        {
            state.NoteInterrupt();
        }
    }

    /// <summary>The VMM made a call of which nothing else is told.</summary>
    public void NoteCall()
    {
        foreach (var state in _frontier)
        {
            state.NoteCall();
        }
    }

    public void Dispose()
    {
        foreach (var state in _frontier)
        {
            state.Dispose();
        }

        _frontier.Clear();
    }

    /// <summary>States that have become the same again are one.</summary>
    private void Merge()
    {
        const int Few = 4;
        for (var i = _frontier.Count - 1; _frontier.Count > Few && i > 0; i--)
        {
            if (_frontier.FindIndex(state => state.IsLike(_frontier[i])) is var first && first < i)
            {
                _frontier[i].Dispose();
                _frontier.RemoveAt(i);
            }
        }
    }

    /// <summary>What follows for the outstanding APFs from an event that every state has taken.</summary>
    private void Book(in RecordedEvent e)
    {
        switch (e.Kind)
        {
            case RecordedKind.NotPresent when _context.Observed[RecordedKind.Ready]:
                Order.Add(e.Value, e.Gfn, e.AtNs);
                break;
            case RecordedKind.Ready when Order.Find(e.Value) is { } item:
                Order.Delivered(item, e.AtNs);
                break;
            case RecordedKind.Msr when _frontier.TrueForAll(state => !state.Machine.State.ApfEnabled)
                && e is { IsWrite: true, Index: 0x4b564d02 }:
                Order.Clear();
                break;
            case RecordedKind.Entry or RecordedKind.Msr when _frontier.TrueForAll(state => state.FoundListEmpty):
                Order.WasEmpty(_frontier[0].At.SinceNs);
                break;
        }
    }

    private void Begin(bool isFresh, ulong vector)
    {
        Dispose();
        var state = new CandidateState(_context, new VcpuMachine(_context.VcpuId, _context.Setting));
        if (isFresh)
        {
            state.BeginFresh();
        }
        else
        {
            _context.Order.Forget();
            state.BeginUnknown(vector);
        }

        _frontier.Add(state);
    }
}
