namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Follows the destination's log: who demanded which page, and when every page was installed.</summary>
internal sealed class PostcopyDestination
{
    private readonly Dictionary<ulong, long> _placedAt = [];
    private readonly Dictionary<ulong, List<PostcopyDemand>> _pending = [];
    private readonly List<PostcopyDemand> _demands = [];
    private readonly List<(long AtNs, ulong Address)> _arrivals = [];

    public IReadOnlyList<PostcopyDemand> Demands => _demands;

    /// <summary>Every installed page, in order.</summary>
    public IReadOnlyList<(long AtNs, ulong Address)> Arrivals => _arrivals;

    public long ZeroPages { get; private set; }

    public long SecondDemands { get; private set; }

    public long OtherEvents { get; private set; }

    /// <summary>Whether the log tells vCPUs from other threads.</summary>
    public bool NamesVcpus { get; private set; }

    public long? GuestStartedNs { get; private set; }

    public long LastEventNs { get; private set; }

    public void Take(PostcopyEvent next)
    {
        LastEventNs = next.AtNs;
        switch (next.Kind)
        {
            case PostcopyEventKind.Request:
                Demand(next);
                break;
            case PostcopyEventKind.FaultingVcpu:
                NamesVcpus = true;
                Waiting(next.Address, demand => demand.Vcpu == PostcopyDemand.Unknown)?.Vcpu = next.Number;
                break;
            case PostcopyEventKind.Resolved:
                Release(next);
                break;
            case PostcopyEventKind.Placed or PostcopyEventKind.PlacedZero:
                Place(next);
                break;
            case PostcopyEventKind.GuestStarted:
                GuestStartedNs ??= next.AtNs;
                break;
            default:
                OtherEvents++;
                break;
        }
    }

    private void Demand(PostcopyEvent next)
    {
        var demand = new PostcopyDemand
        {
            AtNs = next.AtNs,
            Address = next.Address,
            Block = next.Block!,
            Offset = next.Offset,
            Thread = next.Number,
        };
        _demands.Add(demand);
        if (!_pending.TryGetValue(next.Address, out List<PostcopyDemand>? waiting))
        {
            waiting = [];
            _pending.Add(next.Address, waiting);
        }

        if (_placedAt.TryGetValue(next.Address, out long placedAt))
        {
            // The page came in before its fault was read: no thread waits.
            demand.PlacedAtNs = placedAt;
            demand.ReleasedAtNs = next.AtNs;
        }
        else if (waiting.Count > 0)
        {
            SecondDemands++;
        }

        waiting.Add(demand);
    }

    // The newest demand is the one whose thread is being looked up: both lines come from the fault thread.
    private PostcopyDemand? Waiting(ulong address, Predicate<PostcopyDemand> wanted) =>
        _pending.TryGetValue(address, out List<PostcopyDemand>? waiting) ? waiting.FindLast(wanted) : null;

    private void Release(PostcopyEvent next)
    {
        foreach (PostcopyDemand demand in _pending.GetValueOrDefault(next.Address) ?? [])
        {
            if (demand.ReleasedAtNs == PostcopyDemand.Unknown)
            {
                demand.ReleasedAtNs = next.AtNs;
            }
        }
    }

    private void Place(PostcopyEvent next)
    {
        if (!_placedAt.TryAdd(next.Address, next.AtNs))
        {
            return;
        }

        _arrivals.Add((next.AtNs, next.Address));
        ZeroPages += next.Kind == PostcopyEventKind.PlacedZero ? 1 : 0;
        Release(next);
        foreach (PostcopyDemand demand in _pending.GetValueOrDefault(next.Address) ?? [])
        {
            demand.PlacedAtNs = next.AtNs;
        }
    }
}
