namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Follows the source's log: when each request came in and when its page was taken up to be sent.</summary>
internal sealed class PostcopySource
{
    private readonly Dictionary<(string Block, ulong Offset), Page> _pages = [];
    private string? _lastBlock;
    private long _order;

    public long Requests { get; private set; }

    public long NotDirtyAnswers { get; private set; }

    public void Take(PostcopyEvent next)
    {
        _order++;
        switch (next.Kind)
        {
            case PostcopyEventKind.Received:
                Requests++;
                _lastBlock = next.Block ?? _lastBlock;
                Of(_lastBlock ?? "", next.Offset).Received.Add((next.AtNs, _order));
                break;
            case PostcopyEventKind.Dequeued:
                Of(next.Block!, next.Offset).Dequeued.Add((next.AtNs, _order));
                break;
            case PostcopyEventKind.NotDirty:
                NotDirtyAnswers++;
                break;
            default:
                break;
        }
    }

    /// <summary>The log's account of one page; empty if the page was never asked for.</summary>
    public Page Of(string block, ulong offset)
    {
        if (!_pages.TryGetValue((block, offset), out Page? page))
        {
            page = new Page();
            _pages.Add((block, offset), page);
        }

        return page;
    }

    /// <summary>Stamps and places in the log of one page's events.</summary>
    internal sealed class Page
    {
        public List<(long AtNs, long Order)> Received { get; } = [];

        public List<(long AtNs, long Order)> Dequeued { get; } = [];
    }
}
