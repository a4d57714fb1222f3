using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Conformance;

/// <summary>
/// Matches <c>kvm_async_pf_completed</c> lines, which name a page and no vCPU, to the APFs for that page. They are
/// counted: a page has no more lines than APFs, and once it has as many, all of them are on a done list. A line that
/// comes early by the clocks waits.
/// </summary>
internal sealed class Completions(long toleranceNs)
{
    private readonly Dictionary<ulong, PageCount> _pages = [];
    private readonly Queue<RecordedEvent> _waiting = [];

    /// <summary>Why a line without an APF is rejected.</summary>
    public static Refusal NobodyWaited { get; } =
        new(Rules.A7Request, "no completion: no APF is outstanding for the page");

    /// <summary>An APF was set up for the page.</summary>
    public void SetUp(ulong gfn, IEnumerable<VcpuChecker> lanes, bool knowsThePast)
    {
        _pages[gfn] = _pages.GetValueOrDefault(gfn) with { SetUps = _pages.GetValueOrDefault(gfn).SetUps + 1 };
        Retry(lanes, knowsThePast);
    }

    /// <summary>An APF for the page was delivered.</summary>
    public void Delivered(ulong gfn) =>
        _pages[gfn] = _pages.GetValueOrDefault(gfn) with { Deliveries = _pages.GetValueOrDefault(gfn).Deliveries + 1 };

    public void Take(in RecordedEvent e, IEnumerable<VcpuChecker> lanes, bool knowsThePast)
    {
        if (!TryMatch(e, lanes, knowsThePast))
        {
            _waiting.Enqueue(e);
        }
    }

    /// <summary>A line that has waited longer than the clocks can differ.</summary>
    public RecordedEvent? Overdue(long nowNs) =>
        _waiting.TryPeek(out var oldest) && nowNs - toleranceNs > oldest.AtNs ? oldest : null;

    /// <summary>A page with more deliveries than lines, or null: a worker that appended always traces.</summary>
    public ulong? NeverTraced()
    {
        var missing = _pages.Where(page => page.Value.Deliveries > page.Value.Lines).Select(page => page.Key).Order()
            .ToList();
        return missing.Count > 0 ? missing[0] : null;
    }

    /// <summary>Whether an APF was ever set up for the page.</summary>
    public bool HasBeenSetUp(ulong gfn) => _pages.GetValueOrDefault(gfn).SetUps > 0;

    public void Forget()
    {
        _waiting.Clear();
        _pages.Clear();
    }

    private void Retry(IEnumerable<VcpuChecker> lanes, bool knowsThePast)
    {
        for (var count = _waiting.Count; count > 0; count--)
        {
            var e = _waiting.Dequeue();
            if (!TryMatch(e, lanes, knowsThePast))
            {
                _waiting.Enqueue(e);
            }
        }
    }

    private bool TryMatch(in RecordedEvent e, IEnumerable<VcpuChecker> lanes, bool knowsThePast)
    {
        var page = _pages.GetValueOrDefault(e.Gfn);
        if (page.Lines >= page.SetUps && knowsThePast)
        {
            return false;
        }

        page = page with { Lines = page.Lines + 1 };
        _pages[e.Gfn] = page;
        if (page.Lines == page.SetUps && knowsThePast)
        {
            foreach (var checker in lanes)
            {
                checker.Order.Completed(e.Gfn, e.AtNs);
            }
        }

        return true;
    }

    private readonly record struct PageCount(long SetUps, long Lines, long Deliveries);
}
