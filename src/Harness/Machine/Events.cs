namespace UapiLab.Harness.Machines;

/// <summary>What a micro-step did that somebody may want to know; the first group has the names a kernel would trace.</summary>
public enum MachineEventKind : byte
{
    KvmExit, KvmEntry, KvmPageFault, KvmTryAsyncGetPage, KvmAsyncPfNotPresent, KvmAsyncPfRepeatedFault,
    KvmAsyncPfCompleted, KvmAsyncPfReady, KvmInjException, KvmInjVirq, KvmUserspaceExit, KvmMsrAck,
    ApfHalt, GuestHalt, GuestSwitch, GuestNotPresent, GuestWake, GuestEarlyWake, GuestAccessDone, TaskDone,
    FetchIssued, PagePlaced, PageMapped, SpuriousTlbFault, SharedAccess, MemslotChanged, RunRefused,
    /// <summary>A not-present for a page whose fetch was already under way (concern C4).</summary>
    ApfWhileInFlight,
    Violation,
}

/// <summary>Rules that must never be broken.</summary>
public enum ViolationKind : byte
{
    /// <summary>Somebody sleeps and nothing that is going to happen will wake it.</summary>
    LostWakeup,
    /// <summary>The guest used a page whose content was never placed.</summary>
    ReadUnpopulated,
    /// <summary>A page-ready that belongs to no not-present.</summary>
    UnmatchedReady,
    /// <summary>A not-present with interrupts off, in kernel mode, or on top of another exception.</summary>
    IllegalInjection,
    /// <summary>The same access faults again and again without anything changing.</summary>
    Livelock,
    /// <summary>More APFs queued than the limit.</summary>
    LimitExceeded,
}

/// <summary>One event.</summary>
/// <param name="Kind">What.</param>
/// <param name="Vcpu">Of which vCPU, or -1.</param>
/// <param name="Gfn">Frame, where it has one.</param>
/// <param name="Value">Token, flags, task, violation or count, by kind.</param>
public readonly record struct MachineEvent(MachineEventKind Kind, int Vcpu, ulong Gfn, ulong Value);

/// <summary>Sees every event, in order. Must not change the machine.</summary>
public interface IMachineObserver
{
    /// <summary>Called within the micro-step that did it.</summary>
    void On(in MachineEvent e);
}
