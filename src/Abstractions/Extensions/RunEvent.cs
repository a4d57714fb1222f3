namespace UapiLab.Abstractions;

/// <summary>What a tracer would see of a run: events of KVM under the names of its tracepoints where it has some, of
/// the guest and of the VMM.</summary>
public enum RunEventKind : byte
{
    /// <summary>The vCPU enters the guest.</summary>
    KvmEntry,

    /// <summary>A stage-2 fault; value = guest task.</summary>
    KvmPageFault,

    /// <summary>KVM considers an APF for the frame.</summary>
    KvmTryAsyncGetPage,

    /// <summary>KVM queues a not-present; value = token.</summary>
    KvmAsyncPfNotPresent,

    /// <summary>A second fault of the vCPU on a frame of which it has an APF outstanding.</summary>
    KvmAsyncPfRepeatedFault,

    /// <summary>The APF is appended to the vCPU's done list; value = token.</summary>
    KvmAsyncPfCompleted,

    /// <summary>It is taken off that list and delivered; value = token, ~0 for wake-all.</summary>
    KvmAsyncPfReady,

    /// <summary>The #PF of a not-present is injected; value = token.</summary>
    KvmInjException,

    /// <summary>The page-ready interrupt is injected; value = token.</summary>
    KvmInjVirq,

    /// <summary>KVM_RUN returned with a memory fault; value = <c>kvm_run.memory_fault.flags</c>.</summary>
    KvmUserspaceExit,

    /// <summary>The guest wrote MSR_KVM_ASYNC_PF_ACK.</summary>
    KvmMsrAck,

    /// <summary>The vCPU sleeps in an APF halt.</summary>
    ApfHalt,

    /// <summary>The guest handles the #PF of a not-present.</summary>
    GuestNotPresent,

    /// <summary>A guest task was woken by token; value = task.</summary>
    GuestWake,

    /// <summary>A guest's access to the frame completed; value = task.</summary>
    GuestAccessDone,

    /// <summary>A fetch was given to the device; value = 1 on demand, 0 ahead of it.</summary>
    FetchIssued,

    /// <summary>The frame's content is in guest memory.</summary>
    PagePlaced,

    /// <summary>A stage-2 entry for the frame was installed.</summary>
    PageMapped,

    /// <summary>KVM_USERFAULT was set on the memslot or taken off; value = 1 on.</summary>
    MemslotChanged,

    /// <summary>An APF was refused because the vCPU has ASYNC_PF_PER_VCPU of them outstanding.</summary>
    ApfQueueFull,

    /// <summary>KVM_RUN returned -EINTR.</summary>
    RunInterrupted,

    /// <summary>A page-ready for a frame whose content is not there.</summary>
    ReadyWithoutPage,
}

/// <summary>One event of a run.</summary>
/// <param name="Kind">What.</param>
/// <param name="Vcpu">Of which vCPU, from 0; -1 where it is no vCPU's.</param>
/// <param name="Gfn">The frame, where it has one, else 0.</param>
/// <param name="Value">By kind.</param>
public readonly record struct RunEvent(RunEventKind Kind, int Vcpu, ulong Gfn, ulong Value);
