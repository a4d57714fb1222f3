namespace UapiLab.Harness.Checking.Search;

/// <summary>The memory that a search may take: the whole process's, as the system sees it, but for files.</summary>
internal sealed class MemoryBound(long most)
{
    private const string Status = "/proc/self/status";

    /// <summary>Whether it is reached.</summary>
    /// <param name="held">What the search knows that it holds.</param>
    /// <param name="later">What it will need besides to come to an end.</param>
    public string? Hit(long held, long later)
    {
        if (held + later < most && InMemory() + later < most)
        {
            return null;
        }

        if (held + later < most)
        {
            // Much of it may be what nobody holds any more. So that there is no collection for every batch from here
            // on, one has to free a tenth.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            if (InMemory() + later < most - (most / 10))
            {
                return null;
            }
        }

        return Invariant($"memory: {most >> 20} MiB");
    }

    /// <summary>What the system could not take back: it can always write out what is in files.</summary>
    public static long InMemory()
    {
        if (!File.Exists(Status))
        {
            return Environment.WorkingSet;
        }

        return File.ReadLines(Status).Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)
                || line.StartsWith("RssShmem:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                System.Globalization.CultureInfo.InvariantCulture) << 10);
    }
}
