namespace UapiLab.Harness.Machines;

/// <summary>Kinds of micro-step, as the cost table names them. Values and sources: docs/costs.md.</summary>
public enum Cost : byte
{
    /// <summary>Hardware VM exit and entry.</summary>
    VmExit,
    /// <summary>KVM's fault path up to the look-up.</summary>
    FaultPath,
    /// <summary>Page look-up and installing the stage-2 entry.</summary>
    MapPage,
    /// <summary>One access of an encoding to one of its words, in the thread's own cache.</summary>
    SharedAccess,
    /// <summary>What such an access takes more where another thread had the cache line last.</summary>
    LineTransfer,
    /// <summary>KVM_RUN returning to userspace: state save, system call exit, VMM dispatch.</summary>
    UserExit,
    /// <summary>Calling KVM_RUN again.</summary>
    UserEntry,
    /// <summary>Any other ioctl.</summary>
    Ioctl,
    /// <summary>Setting up an APF and queueing the not-present #PF.</summary>
    InjectNotPresent,
    /// <summary>The guest's #PF entry, token hash and going to sleep.</summary>
    GuestFaultHandler,
    /// <summary>Delivering the page-ready interrupt and its handler, without the exits it causes.</summary>
    ReadyInterrupt,
    /// <summary>The exit that the guest's EOI of an edge-triggered interrupt takes, where it takes one.</summary>
    Eoi,
    /// <summary>The exit by which KVM learns that the guest takes interrupts again, where it has to.</summary>
    IrqWindow,
    /// <summary>A context switch in the guest, caches included.</summary>
    GuestSwitch,
    /// <summary>Waking a halted or sleeping host thread.</summary>
    ThreadWake,
    /// <summary>Not a price: how long a vCPU thread polls at most after the guest's HLT before it sleeps; 0 = it sleeps
    /// at once.</summary>
    HaltPoll,
    /// <summary>Kicking a vCPU out of the guest (IPI).</summary>
    Kick,
    /// <summary>The VMM's book of fetches: one operation under its lock.</summary>
    BookOperation,
    /// <summary>Copying content into guest memory.</summary>
    PlacePage,
    /// <summary>Uncontended kernel lock.</summary>
    LockOperation,
    /// <summary>Memslot update with its zap, without what refaulting costs.</summary>
    MemslotUpdate,
    /// <summary>Taking a page away: the system call, the zap and the flush, without what refaulting costs.</summary>
    Discard,
    /// <summary>One guest access that hits.</summary>
    GuestAccess,
    /// <summary>Walking the tables again on a stale read-only translation.</summary>
    TlbRewalk,
    /// <summary>What a microsecond of guest computing takes more while KVM maps no more than 4 KiB at a time.</summary>
    SmallPages,
    /// <summary>One turn under userfaultfd's wait-queue lock, the wake-up that happens under it included.</summary>
    UserfaultfdLock,
    /// <summary>What each thread that spins for that lock adds to the turn of the next.</summary>
    UserfaultfdSpinner,
    /// <summary>What each other thread in KVM's or the VMM's fault path adds to mapping a page.</summary>
    MapContention,
}
