using UapiLab.Harness.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>One vCPU of the trace: the states of the machine that explain everything so far.</summary>
internal sealed class VcpuLane : IDisposable
{
    /// <summary>More states than any of our recordings needs by far; beyond it nothing is decided.</summary>
    public const int MostStates = 256;

    private readonly LaneContext context;
    private readonly List<Hypothesis> offspring = [];
    private readonly List<Refusal> refusals = [];
    private List<Hypothesis> frontier = [];
    private List<Hypothesis> survivors = [];

    public VcpuLane(LaneContext context, bool isFresh)
    {
        this.context = context;
        Begin(isFresh, vector: 0);
    }

    public int VcpuId => context.VcpuId;

    public AppendOrder Order => context.Order;

    public IReadOnlyList<Hypothesis> Frontier => frontier;

    /// <summary>Most states that there ever were.</summary>
    public int Width { get; private set; } = 1;

    /// <summary>Part of the trace is missing: nothing is known of the vCPU but what it was told for good.</summary>
    public void Forget()
    {
        var vector = frontier[0].At.Vector;
        context.Order.Forget();
        Begin(isFresh: false, vector);
    }

    /// <summary>Takes an event of the vCPU's thread.</summary>
    /// <returns>Empty, or why no state explains it.</returns>
    public IReadOnlyList<Refusal> Take(in RecordedEvent e)
    {
        refusals.Clear();
        survivors.Clear();
        foreach (var state in frontier)
        {
            if (state.Take(e, offspring) is { } refusal)
            {
                refusals.Add(refusal);
                state.Dispose();
            }
            else
            {
                survivors.Add(state);
            }
        }

        survivors.AddRange(offspring);
        offspring.Clear();
        (frontier, survivors) = (survivors, frontier);
        if (frontier.Count == 0)
        {
            return refusals;
        }

        Width = Math.Max(Width, frontier.Count);
        Book(e);
        Merge();
        return [];
    }

    /// <summary>Takes something that the VMM did about this vCPU.</summary>
    /// <returns>Empty, or why no state allows it.</returns>
    public IReadOnlyList<Refusal> Take(Func<Hypothesis, Refusal?> deed)
    {
        refusals.Clear();
        survivors.Clear();
        foreach (var state in frontier)
        {
            if (deed(state) is { } refusal)
            {
                refusals.Add(refusal);
                state.Dispose();
            }
            else
            {
                survivors.Add(state);
            }
        }

        (frontier, survivors) = (survivors, frontier);
        return frontier.Count == 0 ? refusals : [];
    }

    /// <summary>Somebody sent the vCPU an interrupt that is none of APF's.</summary>
    public void NoteInterrupt(int vcpuId)
    {
        foreach (var state in VcpuId == vcpuId ? frontier : [])
        {
            state.NoteInterrupt();
        }
    }

    public void Dispose()
    {
        foreach (var state in frontier)
        {
            state.Dispose();
        }

        frontier.Clear();
    }

    /// <summary>States that have become the same again are one.</summary>
    private void Merge()
    {
        const int Few = 4;
        for (var i = frontier.Count - 1; frontier.Count > Few && i > 0; i--)
        {
            if (frontier.FindIndex(state => state.IsLike(frontier[i])) is var first && first < i)
            {
                frontier[i].Dispose();
                frontier.RemoveAt(i);
            }
        }
    }

    /// <summary>What follows for the outstanding APFs from an event that every state has taken.</summary>
    private void Book(in RecordedEvent e)
    {
        switch (e.Kind)
        {
            case RecordedKind.NotPresent when context.Observed[RecordedKind.Ready]:
                Order.Add(e.Value, e.Gfn, e.AtNs);
                break;
            case RecordedKind.Ready when Order.Find(e.Value) is { } item:
                Order.Delivered(item);
                break;
            case RecordedKind.Msr when frontier.TrueForAll(state => !state.Machine.State.ApfEnabled) && e is { IsWrite: true, Index: 0x4b564d02 }:
                Order.Clear();
                break;
            case RecordedKind.Entry or RecordedKind.Msr when frontier.TrueForAll(state => state.FoundListEmpty):
                Order.WasEmpty(frontier[0].At.SinceNs);
                break;
        }
    }

    private void Begin(bool isFresh, ulong vector)
    {
        Dispose();
        var state = new Hypothesis(context, new VcpuMachine(context.VcpuId, context.Setting));
        if (isFresh)
        {
            state.BeginFresh();
        }
        else
        {
            context.Order.Forget();
            state.BeginUnknown(vector);
        }

        frontier.Add(state);
    }
}
