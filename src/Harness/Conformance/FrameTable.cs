namespace UapiLab.Harness.Conformance;

/// <summary>Which page of the recorded guest each of the machine's few frames stands for. A frame is used again when no
/// APF and no fault refers to it any more, so the machine stays small however large the recorded guest was.</summary>
internal sealed class FrameTable(int count)
{
    private readonly ulong[] _pages = new ulong[count];
    private readonly bool[] _used = new bool[count];
    private int _next;

    /// <summary>The page of a frame.</summary>
    public ulong this[ulong frame] => _pages[frame];

    /// <summary>The frame of a page, or -1.</summary>
    public int Find(ulong page)
    {
        for (var frame = 0; frame < _pages.Length; frame++)
        {
            if (_used[frame] && _pages[frame] == page)
            {
                return frame;
            }
        }

        return -1;
    }

    /// <summary>The frame of a page; a new one takes a frame that is free according to the caller.</summary>
    /// <returns>-1 if all are in use.</returns>
    public int Of(ulong page, Func<int, bool> isFree)
    {
        var known = Find(page);
        for (var tried = 0; known < 0 && tried < _pages.Length; tried++)
        {
            _next = (_next + 1) % _pages.Length;
            if (!_used[_next] || isFree(_next))
            {
                known = _next;
                _used[known] = true;
                _pages[known] = page;
            }
        }

        return known;
    }

    public void CopyFrom(FrameTable other)
    {
        other._pages.CopyTo(_pages, 0);
        other._used.CopyTo(_used, 0);
        _next = other._next;
    }
}
