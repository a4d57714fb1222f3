using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>Where a constant comes from.</summary>
public enum CostOrigin : byte
{
    /// <summary>Measured by us; <see cref="CostEntry.Source"/> says how.</summary>
    Measured,
    /// <summary>Published; the source says where.</summary>
    Published,
    /// <summary>A guess within a range.</summary>
    Assumed,
}

/// <summary>One constant.</summary>
/// <param name="Kind">What it prices.</param>
/// <param name="Ns">Value, ns.</param>
/// <param name="LowNs">Low end of the range.</param>
/// <param name="HighNs">High end.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Source">The measurement, the publication, or the reasoning.</param>
public sealed record CostEntry(Cost Kind, long Ns, long LowNs, long HighNs, CostOrigin Origin, string Source);

/// <summary>The one table that all costs come from.</summary>
public sealed class CostTable(IReadOnlyList<CostEntry> entries)
{
    /// <summary>Kinds that are the price of signalling, which a reference point that signals for free does not
    /// pay.</summary>
    private static readonly Cost[] s_signalling =
        [Cost.SharedAccess, Cost.Ioctl, Cost.InjectNotPresent, Cost.GuestFaultHandler, Cost.ReadyInterrupt,
            Cost.LockOperation];

    /// <summary>Built-in values. No figure for any of these is published for the kernels in question, so all are
    /// ranges.</summary>
    public static CostTable Default { get; } = new(
    [
        Assumed(Cost.VmExit, 1_000, 500, 2_500, "hardware exit and entry with mitigations; a few thousand cycles"),
        Assumed(Cost.FaultPath, 500, 200, 1_500, "memslot look-up, page walk, retry pre-check"),
        Assumed(Cost.MapPage, 600, 300, 2_000, "fast GUP hit and one stage-2 entry"),
        Assumed(Cost.SharedAccess, 20, 2, 150, "from an L1 hit to a line that another socket owns"),
        Assumed(Cost.UserExit, 1_500, 500, 5_000, "state save, system call return, VMM dispatch"),
        Assumed(Cost.UserEntry, 1_000, 300, 3_000, "system call and vcpu_load"),
        Assumed(Cost.Ioctl, 300, 100, 1_000, "system call without blocking"),
        Assumed(Cost.InjectNotPresent, 500, 200, 2_000, "allocation, queue and a write to the guest's APF area"),
        Assumed(Cost.GuestFaultHandler, 700, 300, 2_000, "#PF entry, hash, dequeue from the run queue"),
        Assumed(Cost.ReadyInterrupt, 700, 300, 2_000, "interrupt delivery and handler, without its two exits"),
        Assumed(Cost.GuestSwitch, 1_500, 500, 6_000, "switch and cold caches"),
        Assumed(Cost.ThreadWake, 4_000, 1_500, 50_000, "scheduler wake-up; more from deep idle states"),
        Assumed(Cost.Kick, 1_000, 400, 3_000, "IPI to a running vCPU"),
        Assumed(Cost.BookOperation, 100, 30, 1_000, "a lock and a hash table in the VMM"),
        Assumed(Cost.PlacePage, 1_000, 400, 3_000, "UFFDIO_COPY or memcpy of 4 KiB"),
        Assumed(Cost.LockOperation, 20, 5, 200, "uncontended atomic"),
        Assumed(Cost.MemslotUpdate, 50_000, 10_000, 1_000_000, "SRCU grace period and zap"),
        Assumed(Cost.Discard, 2_500, 1_000, 15_000,
            "MADV_DONTNEED or PUNCH_HOLE of one page: system call, invalidation, a flush that interrupts running "
                + "vCPUs"),
        Assumed(Cost.GuestAccess, 5, 1, 100, "one access or bookkeeping step"),
        Assumed(Cost.TlbRewalk, 30, 10, 200, "page walk with warm caches"),
        Assumed(Cost.UserfaultfdLock, 1_300, 500, 3_000,
            "list work and waking a thread, both under the lock; compare --published fits 1.2 to 1.5 us to one and "
            + "two vCPUs"),
        Assumed(Cost.UserfaultfdSpinner, 30, 10, 100,
            "a spinning CPU pulls at the lock and at what it guards; compare --published fits 30 ns to 64 vCPUs"),
        Assumed(Cost.MapContention, 0, 0, 0,
            "left out of comparisons, as it slows every encoding alike; compare --published fits about 250 ns"),
    ]);

    /// <summary>Every constant, in the order of <see cref="Cost"/>.</summary>
    public IReadOnlyList<CostEntry> Entries { get; } = Checked(entries);

    /// <summary>The constant of a kind.</summary>
    public CostEntry this[Cost kind] => Entries[(int)kind];

    /// <summary>A copy with one value changed.</summary>
    public CostTable With(Cost kind, long ns) =>
        new(Entries.Select(e => e.Kind == kind ? e with { Ns = ns } : e).ToArray());

    /// <summary>A copy with every value at the low or the high end of its range.</summary>
    public CostTable AtEnd(bool high) =>
        new(Entries.Select(e => e with { Ns = high ? e.HighNs : e.LowNs }).ToArray());

    /// <summary>Writes the prices into a pace.</summary>
    internal void Fill(StepClock clock, bool freeSignalling)
    {
        foreach (var entry in Entries)
        {
            clock[entry.Kind] = freeSignalling && s_signalling.Contains(entry.Kind) ? 0 : entry.Ns;
        }
    }

    private static CostEntry Assumed(Cost kind, long ns, long low, long high, string why) =>
        new(kind, ns, low, high, CostOrigin.Assumed, why);

    private static IReadOnlyList<CostEntry> Checked(IReadOnlyList<CostEntry> entries)
    {
        var ordered = entries.OrderBy(e => e.Kind).ToArray();
        if (!ordered.Select(e => e.Kind).SequenceEqual(Enum.GetValues<Cost>()))
        {
            throw new ArgumentException("a cost table has each kind exactly once");
        }

        return ordered;
    }
}
