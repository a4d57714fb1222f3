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
public sealed record CostEntry(Cost Kind, long Ns, long LowNs, long HighNs, CostOrigin Origin, string Source)
{
    /// <summary>What a file of costs calls the kind.</summary>
    public string Name => CostTableReader.NameOf(Kind);
}

/// <summary>The one table that all costs come from.</summary>
public sealed class CostTable(IReadOnlyList<CostEntry> entries)
{
    /// <summary>Kinds that are the price of signalling, which a reference point that signals for free does not
    /// pay.</summary>
    private static readonly Cost[] s_signalling =
        [Cost.SharedAccess, Cost.LineTransfer, Cost.Ioctl, Cost.InjectNotPresent, Cost.GuestFaultHandler,
            Cost.ReadyInterrupt, Cost.LockOperation];

    private const string Share = "Its share of a published page";
    private const string Scaled = "Scaled as what is published";

    /// <summary>Built-in values: those of <see cref="HostProfile.Default"/>. Those of the path of a fault that exits
    /// add up to what the published hosts take for a page; the rest are ranges.</summary>
    public static CostTable Default { get; } = new(
    [
        Assumed(Cost.VmExit, 570, 350, 2_500, "hardware exit and entry; with other mitigations a multiple. " + Share),
        Assumed(Cost.FaultPath, 290, 150, 1_500, "memslot look-up, page walk, retry pre-check. " + Share),
        Assumed(Cost.MapPage, 340, 200, 2_000, "fast GUP hit and one stage-2 entry. " + Share),
        Assumed(Cost.SharedAccess, 10, 2, 40, "a hit in the thread's own cache, and opening user memory for KVM"),
        Assumed(Cost.LineTransfer, 80, 30, 300, "from a neighbour's cache to another socket's"),
        Assumed(Cost.UserExit, 860, 400, 5_000, "state save, system call return, VMM dispatch. " + Share),
        Assumed(Cost.UserEntry, 570, 250, 3_000, "system call and vcpu_load. " + Share),
        Assumed(Cost.Ioctl, 170, 60, 1_000, "system call without blocking. " + Scaled),
        Assumed(Cost.InjectNotPresent, 290, 100, 2_000,
            "allocation, queue and a write to the guest's APF area. " + Scaled),
        Assumed(Cost.GuestFaultHandler, 400, 200, 2_000, "#PF entry, hash, dequeue from the run queue. " + Scaled),
        Assumed(Cost.ReadyInterrupt, 400, 200, 2_000, "interrupt delivery and handler, without exits. " + Scaled),
        Published(Cost.Eoi, 0, 0, 0, "KVM: vmx_load_eoi_exitmap, and AVIC, let an EOI exit for level-triggered "
            + "interrupts alone; kvm_arch_async_page_present raises an edge-triggered one"),
        Published(Cost.IrqWindow, 0, 0, 0,
            "KVM: kvm_cpu_has_injectable_intr leaves the LAPIC's interrupts to APICv or AVIC"),
        Assumed(Cost.GuestSwitch, 860, 350, 6_000, "switch and cold caches. " + Scaled),
        Assumed(Cost.ThreadWake, 2_300, 850, 50_000, "scheduler wake-up; more from deep idle states. " + Scaled),
        Published(Cost.HaltPoll, 200_000, 0, 200_000, "KVM: KVM_HALT_POLL_NS_DEFAULT of x86; hosts switch it off "
            + "(halt_poll_ns, KVM_CAP_HALT_POLL), and so do guests that poll themselves (kvm_arch_no_poll)"),
        Assumed(Cost.Kick, 570, 250, 3_000, "IPI to a running vCPU. " + Scaled),
        Assumed(Cost.BookOperation, 60, 20, 1_000, "a lock and a hash table in the VMM. " + Share),
        Assumed(Cost.PlacePage, 570, 300, 3_000, "UFFDIO_COPY or memcpy of 4 KiB. " + Share),
        Assumed(Cost.LockOperation, 20, 5, 200, "uncontended atomic"),
        Assumed(Cost.MemslotUpdate, 50_000, 10_000, 1_000_000, "SRCU grace period and zap"),
        Assumed(Cost.Discard, 1_400, 570, 15_000,
            "MADV_DONTNEED or PUNCH_HOLE of one page: system call, invalidation, a flush that interrupts running "
                + "vCPUs. " + Scaled),
        Assumed(Cost.GuestAccess, 5, 1, 100, "one access or bookkeeping step"),
        Assumed(Cost.TlbRewalk, 30, 10, 200, "page walk with warm caches"),
        Assumed(Cost.SmallPages, 0, 0, 300,
            "for each us: TLB misses and longer walks. Left out of comparisons, as the flag is on for every encoding "
            + "and for exit and block; C10 shows it. From nothing to three tenths"),
        Assumed(Cost.UserfaultfdLock, 1_300, 500, 3_000,
            "list work and waking a thread, as if under one lock; compare --published fits 1.2 to 1.5 us to one and "
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

    private static CostEntry Published(Cost kind, long ns, long low, long high, string where) =>
        new(kind, ns, low, high, CostOrigin.Published, where);

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
