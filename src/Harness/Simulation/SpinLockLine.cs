namespace UapiLab.Harness.Simulation;

/// <summary>
/// The line in front of a spinlock: first come, first served, and the longer the line the dearer each turn, because
/// every spinning CPU pulls at the lock's cache line and at what the lock guards.
/// </summary>
internal sealed class SpinLockLine
{
    /// <summary>When those who hold the lock or wait for it will leave it, in that order.</summary>
    private readonly Queue<long> _leaving = new();
    private long _last;

    /// <summary>A thread comes for the lock.</summary>
    /// <param name="now">When, ns.</param>
    /// <param name="holdNs">A turn without anybody waiting.</param>
    /// <param name="spinnerNs">What each of those already in line adds.</param>
    /// <returns>When they have left it again.</returns>
    public long Pass(long now, long holdNs, long spinnerNs)
    {
        while (_leaving.TryPeek(out var gone) && gone <= now)
        {
            _leaving.Dequeue();
        }

        _last = Math.Max(now, _last) + holdNs + (_leaving.Count * spinnerNs);
        _leaving.Enqueue(_last);
        return _last;
    }
}
