using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Simulation;

/// <summary>The device that fetches pages: when each fetch of a run is due. It serves one page at a time for as long as
/// the workload says.</summary>
/// <param name="workload">Whose fetches.</param>
/// <param name="seed">Of the run.</param>
/// <param name="places">Fetches that may be under way, which are numbered.</param>
internal sealed class Device(Workload workload, ulong seed, int places)
{
    private const int OrderBits = 16;

    /// <summary>Fetches under way by (time, order of issue), both in one word.</summary>
    private readonly PriorityQueue<int, ulong> _underWay = new();
    private readonly long[] _due = new long[places];
    private long _free;
    private ulong _issued;

    /// <summary>A fetch was given to it.</summary>
    public void Issue(int fetch, ulong gfn, Disposition disposition, long now)
    {
        _due[fetch] = now + workload.FetchNs(seed, gfn, disposition);
        if (disposition == Disposition.Async)
        {
            // Local content does not queue for the device or link, and what is in flight has queued already.
            _free = Math.Max(_free, now) + workload.ServiceNs;
            _due[fetch] = Math.Max(_free, _due[fetch]);
        }

        _underWay.Enqueue(fetch, ((ulong)_due[fetch] << OrderBits) | (_issued++ & ((1 << OrderBits) - 1)));
    }

    /// <summary>When the next fetch is complete; not before now, and never if there is none.</summary>
    public long NextAt(long now) =>
        _underWay.TryPeek(out _, out var key) ? Math.Max((long)(key >> OrderBits), now) : long.MaxValue;

    /// <summary>Completes the next fetch, which is due.</summary>
    public int Complete(long now)
    {
        var fetch = _underWay.Dequeue();
        return _due[fetch] <= now ? fetch
            : throw new InvalidOperationException($"fetch {fetch} completes before it is due");
    }

    /// <summary>Time until a fetch completes, or until one that is not started would.</summary>
    public long Remaining(in FetchState? fetch, int place, ulong gfn, Disposition disposition, long now) =>
        fetch?.Status is FetchStatus.Issued or FetchStatus.Fetched ? Math.Max(0, _due[place] - now)
            : disposition is Disposition.Async or Disposition.InFlight ? workload.FetchNs(seed, gfn, disposition)
                : 0;
}
