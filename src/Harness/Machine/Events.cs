namespace UapiLab.Harness.Machines;

/// <summary>What a micro-step did that somebody may want to know; the first group has the names a kernel would trace.</summary>
public enum MachineEventKind : byte
{
    /// <summary>The vCPU enters the guest.</summary>
    KvmEntry,
    /// <summary>Stage-2 fault; value = task.</summary>
    KvmPageFault,
    /// <summary>KVM considers an APF for the frame.</summary>
    KvmTryAsyncGetPage,
    /// <summary>Not-present; value = token.</summary>
    KvmAsyncPfNotPresent,
    /// <summary>A second fault on a pending frame of the vCPU.</summary>
    KvmAsyncPfRepeatedFault,
    /// <summary>Appended to the done list; value = token.</summary>
    KvmAsyncPfCompleted,
    /// <summary>Taken off the done list; value = token, ~0 = wake all.</summary>
    KvmAsyncPfReady,
    /// <summary>The #PF is injected; value = token.</summary>
    KvmInjException,
    /// <summary>The page-ready interrupt is injected; value = token.</summary>
    KvmInjVirq,
    /// <summary>KVM_RUN returned with a fault; value = flags.</summary>
    KvmUserspaceExit,
    /// <summary>The guest wrote the ACK MSR.</summary>
    KvmMsrAck,
    /// <summary>The vCPU sleeps in an APF halt.</summary>
    ApfHalt,
    /// <summary>The guest executed HLT.</summary>
    GuestHalt,
    /// <summary>Context switch; gfn = switches charged to an APF, value = its marks, ~0 = to idle.</summary>
    GuestSwitch,
    /// <summary>The guest handles the #PF; value = marks.</summary>
    GuestNotPresent,
    /// <summary>A task was woken by token; value = task.</summary>
    GuestWake,
    /// <summary>A ready without a sleeper left a dummy; value = token.</summary>
    GuestEarlyWake,
    /// <summary>An access completed; value = task.</summary>
    GuestAccessDone,
    /// <summary>A task ended; value = task.</summary>
    TaskDone,
    /// <summary>A fetch was given to the device; value = 1 on demand.</summary>
    FetchIssued,
    /// <summary>Content is in guest memory.</summary>
    PagePlaced,
    /// <summary>A stage-2 entry was installed.</summary>
    PageMapped,
    /// <summary>A stale read-only translation faulted.</summary>
    SpuriousTlbFault,
    /// <summary>The userfault flag changed; value = 1 on.</summary>
    MemslotChanged,
    /// <summary>KVM_RUN returned at once for the same frame.</summary>
    RunRefused,
    /// <summary>An APF was refused because the vCPU's queue is full.</summary>
    ApfQueueFull,
    /// <summary>KVM's write of the not-present to the APF area failed; the vCPU halts.</summary>
    InjectionRefused,
    /// <summary>KVM_RUN returned -EINTR.</summary>
    RunInterrupted,
    /// <summary>A not-present for a page whose fetch was already under way (concern C4).</summary>
    ApfWhileInFlight,
    /// <summary>The guest disabled APF while some were outstanding; value = how many.</summary>
    ApfDropped,
    /// <summary>Page-ready for a frame whose content is not there.</summary>
    ReadyWithoutPage,
    /// <summary>The VMM has a prediction for the frame; value = <see cref="Abstractions.Prediction"/>.</summary>
    VmmPredicts,
    /// <summary>The VMM has settled what becomes of a fault; value = <see cref="FaultOutcome"/>.</summary>
    VmmSettles,
    /// <summary>A rule was broken; value = its kind.</summary>
    Violation,
    /// <summary>The VMM knows that a tracked frame is written.</summary>
    WriteSeen,
    /// <summary>The guest wrote a tracked frame and the VMM does not know.</summary>
    WriteUnseen,
    /// <summary>KVM refused an ioctl before the guest ran; gfn = the ioctl's number, value = errno.</summary>
    SetUpRefused,
    /// <summary>The VM goes on at the destination; value = APFs that were outstanding at the source.</summary>
    VmRestored,
    /// <summary>The event before this one shows a property that somebody brought; value = which.</summary>
    PropertyShown,
}

/// <summary>What the VMM makes of a fault.</summary>
internal enum FaultOutcome : byte
{
    /// <summary>Not settled yet.</summary>
    Open,
    /// <summary>The page is there before the vCPU thread calls KVM_RUN again.</summary>
    AtOnce,
    /// <summary>Handed to an I/O task.</summary>
    HandedOff,
    /// <summary>The fault was wanted for a purpose that is not paging, and is dealt with before KVM_RUN.</summary>
    OtherPurpose,
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
    /// <summary>An ioctl returned an errno that its description does not list.</summary>
    UndeclaredErrno,
    /// <summary>KVM's half went outside declared memory, did not end a call, or threw.</summary>
    KvmDefect,
    /// <summary>KVM's half returned with an APF that nobody will ever complete: not offered to the guest, not withdrawn.</summary>
    LeakedApf,
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
