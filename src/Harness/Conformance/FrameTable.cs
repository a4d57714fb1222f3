namespace UapiLab.Harness.Conformance;

/// <summary>Which page of the recorded guest each of the machine's few frames stands for. A frame is used again when no APF and
/// no fault refers to it any more, so the machine stays small however large the recorded guest was.</summary>
internal sealed class FrameTable(int count)
{
    private readonly ulong[] pages = new ulong[count];
    private readonly bool[] used = new bool[count];
    private int next;

    /// <summary>The page of a frame.</summary>
    public ulong this[ulong frame] => pages[frame];

    /// <summary>The frame of a page, or -1.</summary>
    public int Find(ulong page)
    {
        for (var frame = 0; frame < pages.Length; frame++)
        {
            if (used[frame] && pages[frame] == page)
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
        for (var tried = 0; known < 0 && tried < pages.Length; tried++)
        {
            next = (next + 1) % pages.Length;
            if (!used[next] || isFree(next))
            {
                known = next;
                used[known] = true;
                pages[known] = page;
            }
        }

        return known;
    }

    public void CopyFrom(FrameTable other)
    {
        other.pages.CopyTo(pages, 0);
        other.used.CopyTo(used, 0);
        next = other.next;
    }
}
