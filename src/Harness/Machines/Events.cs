using UapiLab.Abstractions;
using static UapiLab.Harness.Machines.EventArguments;

namespace UapiLab.Harness.Machines;

/// <summary>What a micro-step did. Each member is the one row of its event: what a history says (the name a kernel
/// would trace, where it has one), the arguments that mean something, and what a plugin's property calls the event if
/// it may watch it.</summary>
internal enum MachineEventKind : byte
{
    /// <summary>The vCPU enters the guest.</summary>
    [Event("kvm_entry", RunEventKind.KvmEntry)]
    KvmEntry,
    /// <summary>Stage-2 fault; value = task.</summary>
    [Event("kvm_page_fault", RunEventKind.KvmPageFault, WithGfn | WithTask)]
    KvmPageFault,
    /// <summary>KVM considers an APF for the frame.</summary>
    [Event("kvm_try_async_get_page", RunEventKind.KvmTryAsyncGetPage, WithGfn)]
    KvmTryAsyncGetPage,
    /// <summary>Not-present; value = token.</summary>
    [Event("kvm_async_pf_not_present", RunEventKind.KvmAsyncPfNotPresent, WithGfn | WithToken)]
    KvmAsyncPfNotPresent,
    /// <summary>A second fault on a pending frame of the vCPU.</summary>
    [Event("kvm_async_pf_repeated_fault", RunEventKind.KvmAsyncPfRepeatedFault, WithGfn)]
    KvmAsyncPfRepeatedFault,
    /// <summary>Appended to the done list; value = token.</summary>
    [Event("kvm_async_pf_completed", RunEventKind.KvmAsyncPfCompleted, WithGfn | WithToken)]
    KvmAsyncPfCompleted,
    /// <summary>Taken off the done list; value = token, ~0 = wake all.</summary>
    [Event("kvm_async_pf_ready", RunEventKind.KvmAsyncPfReady, WithGfn | WithToken)]
    KvmAsyncPfReady,
    /// <summary>The #PF is injected; value = token.</summary>
    [Event("kvm_inj_exception", RunEventKind.KvmInjException, WithGfn | WithToken)]
    KvmInjException,
    /// <summary>The page-ready interrupt is injected; value = token.</summary>
    [Event("kvm_inj_virq", RunEventKind.KvmInjVirq, WithToken)]
    KvmInjVirq,
    /// <summary>KVM_RUN returned with a fault; value = flags.</summary>
    [Event("kvm_userspace_exit", RunEventKind.KvmUserspaceExit, WithGfn | WithFlags)]
    KvmUserspaceExit,
    /// <summary>The guest wrote the ACK MSR.</summary>
    [Event("kvm_msr ASYNC_PF_ACK", RunEventKind.KvmMsrAck)]
    KvmMsrAck,
    /// <summary>The vCPU sleeps in an APF halt.</summary>
    [Event("apf_halt", RunEventKind.ApfHalt)]
    ApfHalt,
    /// <summary>The guest executed HLT.</summary>
    [Event("guest_hlt")]
    GuestHalt,
    /// <summary>Context switch; gfn = switches charged to an APF, value = its marks, ~0 = to idle.</summary>
    [Event("guest_switch")]
    GuestSwitch,
    /// <summary>The guest handles the #PF; value = marks.</summary>
    [Event("guest_not_present", RunEventKind.GuestNotPresent, WithGfn)]
    GuestNotPresent,
    /// <summary>A task was woken by token; value = task.</summary>
    [Event("guest_wake", RunEventKind.GuestWake, WithGfn | WithTask)]
    GuestWake,
    /// <summary>A ready without a sleeper left a dummy; value = token.</summary>
    [Event("guest_early_wake", WithToken)]
    GuestEarlyWake,
    /// <summary>An access completed; value = task.</summary>
    [Event("guest_access_done", RunEventKind.GuestAccessDone, WithGfn | WithTask)]
    GuestAccessDone,
    /// <summary>A task ended; value = task.</summary>
    [Event("task_done", WithTask)]
    TaskDone,
    /// <summary>A fetch was given to the device; value = 1 on demand.</summary>
    [Event("fetch_issued", RunEventKind.FetchIssued, WithGfn)]
    FetchIssued,
    /// <summary>Content is in guest memory.</summary>
    [Event("page_placed", RunEventKind.PagePlaced, WithGfn)]
    PagePlaced,
    /// <summary>The VMM took the page away, to arm it again.</summary>
    [Event("page_discarded", WithGfn)]
    PageDiscarded,
    /// <summary>A stage-2 entry was installed.</summary>
    [Event("page_mapped", RunEventKind.PageMapped, WithGfn)]
    PageMapped,
    /// <summary>A stale read-only translation faulted.</summary>
    [Event("spurious_tlb_fault", WithGfn)]
    SpuriousTlbFault,
    /// <summary>The userfault flag changed; value = 1 on.</summary>
    [Event("memslot userfault {0}", RunEventKind.MemslotChanged, Values = typeof(FlagValue))]
    MemslotChanged,
    /// <summary>KVM_RUN returned at once for the same frame.</summary>
    [Event("run_refused", WithGfn)]
    RunRefused,
    /// <summary>An APF was refused because the vCPU's queue is full.</summary>
    [Event("apf_queue_full", RunEventKind.ApfQueueFull, WithGfn)]
    ApfQueueFull,
    /// <summary>KVM's write of the not-present to the APF area failed; the vCPU halts.</summary>
    [Event("injection_refused")]
    InjectionRefused,
    /// <summary>KVM_RUN returned -EINTR.</summary>
    [Event("run_interrupted", RunEventKind.RunInterrupted)]
    RunInterrupted,
    /// <summary>A not-present for a page whose fetch was already under way (concern C4).</summary>
    [Event("apf_while_in_flight", WithGfn)]
    ApfWhileInFlight,
    /// <summary>The guest disabled APF while some were outstanding; value = how many.</summary>
    [Event("apf_dropped {0}")]
    ApfDropped,
    /// <summary>Page-ready for a frame whose content is not there.</summary>
    [Event("ready_without_page", RunEventKind.ReadyWithoutPage, WithGfn)]
    ReadyWithoutPage,
    /// <summary>The VMM has a prediction for the frame; value = <see cref="Prediction"/>.</summary>
    [Event("vmm_predicts {0}", WithGfn, Values = typeof(Prediction))]
    VmmPredicts,
    /// <summary>The VMM has settled what becomes of a fault; value = <see cref="FaultOutcome"/>.</summary>
    [Event("vmm_settles {0}", WithGfn, Values = typeof(FaultOutcome))]
    VmmSettles,
    /// <summary>A rule was broken; value = its kind.</summary>
    [Event("VIOLATION: {0}", WithGfn, Values = typeof(ViolationKind))]
    Violation,
    /// <summary>The VMM knows that a tracked frame is written.</summary>
    [Event("write_seen", WithGfn)]
    WriteSeen,
    /// <summary>The guest wrote a tracked frame and the VMM does not know.</summary>
    [Event("WRITE UNSEEN", WithGfn)]
    WriteUnseen,
    /// <summary>KVM refused an ioctl before the guest ran; gfn = the ioctl's number, value = errno.</summary>
    [Event("ioctl 0x{1:x} refused with errno {0}")]
    SetUpRefused,
    /// <summary>KVM refused an ioctl in the way that is watched for; gfn = the ioctl's number, value = errno.</summary>
    [Event("ioctl 0x{1:x} refused with errno {0}")]
    IoctlRefused,
    /// <summary>The VM goes on at the destination; value = APFs that were outstanding at the source.</summary>
    [Event("vm_restored, {0} APFs outstanding")]
    VmRestored,
    /// <summary>The vCPU was reset; value = APFs that were outstanding.</summary>
    [Event("vcpu_reset, {0} APFs outstanding")]
    VcpuReset,
    /// <summary>Userspace dropped the pending not-present; value = token.</summary>
    [Event("not_present_dropped by userspace", WithGfn | WithToken)]
    NotPresentDropped,
    /// <summary>KVM_PRE_FAULT_MEMORY mapped a page (0), or returned an errno.</summary>
    [Event("pre_fault_memory: errno {0}", WithGfn)]
    Prefaulted,
    /// <summary>The event before this one shows a property that a plugin brought; value = which.</summary>
    [Event("property {0} shown")]
    PropertyShown,
    /// <summary>KVM filled a page of its own accord: pvclock, steal time, string I/O.</summary>
    [Event("kvm_writes_page", WithGfn)]
    KvmWritesPage,
    /// <summary>KVM read a page without content of its own accord, for the guest: string I/O.</summary>
    [Event("kvm_reads_page", WithGfn)]
    KvmReadsPage,
    /// <summary>The VMM's copy failed with EEXIST: the page is there.</summary>
    [Event("copy_finds_page", WithGfn)]
    CopyFindsPage,
    /// <summary>The VMM handles the memory fault that kvm_run speaks of, which is not this exit's.</summary>
    [Event("stale_memory_fault", WithGfn)]
    StaleMemoryFault,
    /// <summary>A page was converted; value = 1 to private.</summary>
    [Event("page_converted", WithGfn)]
    PageConverted,
    /// <summary>KVM runs into a WARN_ON_ONCE.</summary>
    [Event("WARNING in kvm_arch_async_page_ready", WithGfn)]
    KernelWarning,
    /// <summary>The guest used a mapping of the kind from which the page was converted.</summary>
    [Event("MAPPING OF THE OTHER KIND", WithGfn)]
    StaleKind,
    /// <summary>The guest's handler read the APF words, and not those that KVM wrote.</summary>
    [Event("WORDS UNSEEN")]
    WordsUnseen,
    /// <summary>The VMM cannot go on and ends the VM.</summary>
    [Event("vm_stopped", WithGfn)]
    VmStopped,
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
internal enum ViolationKind : byte
{
    /// <summary>A task or thread sleeps and nothing that is going to happen will wake it.</summary>
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
    /// <summary>KVM's half went outside declared memory, broke a rule of locks, did not end a call, or threw.</summary>
    KvmDefect,
    /// <summary>KVM's half returned with an APF that will never be completed: not offered to the guest, not
    /// withdrawn.</summary>
    LeakedApf,
    /// <summary>KVM acts on a fault that the vCPU took before it was reset.</summary>
    OldFault,
    /// <summary>An ioctl failed, and not everything is as it was before.</summary>
    FailureChanges,
}

/// <summary>One event.</summary>
/// <param name="Kind">What.</param>
/// <param name="Vcpu">Of which vCPU, or -1.</param>
/// <param name="Gfn">Frame, where it has one.</param>
/// <param name="Value">Token, flags, task, violation or count, by kind.</param>
internal readonly record struct MachineEvent(MachineEventKind Kind, int Vcpu, ulong Gfn, ulong Value);

/// <summary>Sees every event, in order. Must not change the machine.</summary>
internal interface IMachineObserver
{
    /// <summary>Called within the micro-step that did it.</summary>
    void On(in MachineEvent e);
}
