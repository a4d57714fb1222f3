namespace UapiLab.Harness.Conformance;

/// <summary>
/// When each outstanding APF of one vCPU can have been appended to the done list. No event shows the append itself: it
/// lies between the set-up and the <c>completed</c> line, and before the ready event; the list is first in, first out;
/// and a look at an empty list proves that every append came later. Intervals of time say all that without
/// trying out orders.
/// </summary>
internal sealed class AppendOrder(long toleranceNs)
{
    private readonly List<Outstanding> _queue = [];

    /// <summary>Whether APFs may be outstanding that the trace does not show.</summary>
    public bool PastUnknown { get; private set; }

    /// <summary>The longest time from the set-up of an APF to its ready so far.</summary>
    public long LongestNs { get; private set; }

    /// <summary>An APF was set up.</summary>
    public void Add(ulong token, ulong gfn, long atNs) =>
        _queue.Add(new() { Token = token, Gfn = gfn, SetUpNs = atNs, EarliestNs = atNs });

    /// <summary>The APF with a token.</summary>
    public Outstanding? Find(ulong token) => _queue.Find(o => o.Token == token);

    /// <summary>An APF that must have been appended before this one, if there is one.</summary>
    public Outstanding? MustGoBefore(Outstanding item) =>
        _queue.Find(other => other != item && other.LatestNs is { } latest && latest + toleranceNs < item.EarliestNs);

    /// <summary>An APF that was on the list for certain when a vCPU that had left the guest at this time looked at
    /// it.</summary>
    public Outstanding? CertainlyDone(long sinceNs) =>
        _queue.Find(o => o.LatestNs is { } latest && latest + toleranceNs < sinceNs);

    /// <summary>The list was looked at and was empty.</summary>
    public void WasEmpty(long atNs)
    {
        foreach (var item in _queue)
        {
            item.EarliestNs = Math.Max(item.EarliestNs, atNs);
        }
    }

    /// <summary>The APF was taken off the list: what is left was appended after it.</summary>
    public void Delivered(Outstanding item, long atNs)
    {
        LongestNs = Math.Max(LongestNs, atNs - item.SetUpNs);
        _queue.Remove(item);
        WasEmpty(item.EarliestNs);
    }

    /// <summary>Every APF for the page was appended by now.</summary>
    public void Completed(ulong gfn, long atNs)
    {
        foreach (var item in _queue)
        {
            if (item.Gfn == gfn)
            {
                item.LatestNs ??= atNs;
            }
        }
    }

    /// <summary>The guest disabled APF: nothing that is outstanding will be delivered.</summary>
    public void Clear()
    {
        _queue.Clear();
        PastUnknown = false;
    }

    /// <summary>Part of the trace is missing.</summary>
    public void Forget()
    {
        _queue.Clear();
        PastUnknown = true;
    }

    /// <summary>One outstanding APF.</summary>
    internal sealed class Outstanding
    {
        public required ulong Token { get; init; }

        public required ulong Gfn { get; init; }

        public required long SetUpNs { get; init; }

        /// <summary>It was appended no earlier than this.</summary>
        public required long EarliestNs { get; set; }

        /// <summary>It was appended no later than this, if anything says so.</summary>
        public long? LatestNs { get; set; }
    }
}
