namespace UapiLab.Harness.Checking.Search;

/// <summary>The memory that a search may take: the whole process's, as the system sees it.</summary>
internal sealed class MemoryBound(long most)
{
    /// <summary>Whether it is reached.</summary>
    /// <param name="held">What the search knows that it holds.</param>
    /// <param name="later">What it will need besides to come to an end.</param>
    public string? Hit(long held, long later)
    {
        if (held + later < most && Environment.WorkingSet + later < most)
        {
            return null;
        }

        if (held + later < most)
        {
            // Much of it may be what nobody holds any more. So that there is no collection for every batch from here
            // on, one has to free a tenth.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            if (Environment.WorkingSet + later < most - (most / 10))
            {
                return null;
            }
        }

        return Invariant($"memory: {most >> 20} MiB");
    }
}
