using System.Numerics;

namespace UapiLab.Harness.Simulation;

/// <summary>
/// The cores of a host that has fewer of them than threads. A thread keeps its core until it sleeps, or for a slice
/// while others wait for one; they take turns. No core is shared with anything else, a thread has no core of its own,
/// and a change of threads costs nothing beyond the wake-up that the cost table has. A vCPU that polls in a halt gives
/// its core away, as KVM does when another thread wants to run (kvm_vcpu_can_poll).
/// </summary>
/// <param name="count">How many, at least 1.</param>
/// <param name="threads">That may want one.</param>
internal sealed class Cores(int count, int threads)
{
    /// <summary>base_slice_ns of the scheduler, and the most cores that lengthen it (kernel/sched/fair.c:
    /// get_update_sysctl_factor).</summary>
    private const long BaseSliceNs = 700_000;
    private const int MostCores = 8;

    private const int Nobody = -1;
    private readonly long _sliceNs = BaseSliceNs * (1 + BitOperations.Log2((uint)Math.Min(count, MostCores)));
    private readonly int[] _holder = Enumerable.Repeat(Nobody, count).ToArray();
    private readonly long[] _freeFrom = new long[count];
    private readonly int[] _coreOf = Enumerable.Repeat(Nobody, threads).ToArray();
    private readonly long[] _since = new long[threads];
    private readonly Queue<int> _waiting = new();
    private readonly bool[] _isWaiting = new bool[threads];

    /// <summary>How long threads that could run have waited for a core, ns.</summary>
    public long WaitedNs { get; private set; }

    /// <summary>A thread wants to run.</summary>
    /// <param name="thread">Which.</param>
    /// <param name="now">When, ns.</param>
    /// <returns>When it can, ns; null: once another has released its core.</returns>
    public long? Take(int thread, long now)
    {
        if (_coreOf[thread] != Nobody)
        {
            return Math.Max(now, _since[thread]);
        }

        var core = Array.IndexOf(_holder, Nobody);
        for (var other = core + 1; core >= 0 && other < _holder.Length; other++)
        {
            core = _holder[other] == Nobody && _freeFrom[other] < _freeFrom[core] ? other : core;
        }

        if (core < 0)
        {
            _since[thread] = now;
            _waiting.Enqueue(thread);
            _isWaiting[thread] = true;
            return null;
        }

        return Give(core, thread, now, Math.Max(now, _freeFrom[core]));
    }

    /// <summary>Whether a thread waits for a core.</summary>
    public bool IsWaiting(int thread) => _isWaiting[thread];

    /// <summary>Whether a thread has run for its slice and another waits.</summary>
    public bool IsOver(int thread, long now) => _waiting.Count > 0 && now - _since[thread] >= _sliceNs;

    /// <summary>A thread sleeps, or its slice is over.</summary>
    /// <param name="thread">Which.</param>
    /// <param name="now">When, ns.</param>
    /// <returns>Who runs there next, and from when on, ns; null if nobody waits.</returns>
    public (int Thread, long At)? Release(int thread, long now)
    {
        var core = _coreOf[thread];
        _coreOf[thread] = Nobody;
        if (_waiting.TryDequeue(out var next))
        {
            return (next, Give(core, next, _since[next], Math.Max(now, _since[next])));
        }

        (_holder[core], _freeFrom[core]) = (Nobody, now);
        return null;
    }

    private long Give(int core, int thread, long wanted, long from)
    {
        WaitedNs += from - wanted;
        (_holder[core], _coreOf[thread], _since[thread], _isWaiting[thread]) = (thread, core, from, false);
        return from;
    }
}
