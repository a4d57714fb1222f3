namespace UapiLab.Abstractions;

/// <summary>What KVM offers to its half of an encoding, besides memory. Each call is a scheduling point, but for
/// questions about the state of the vCPU whose thread this is. Rules are those of docs/model.md (A1 to A15) and live in
/// the machine, not in the encoding.</summary>
public interface IKvm : IMemory
{
    /// <summary>kvm_can_do_async_pf: LAPIC in kernel, nothing to re-inject or pending, interrupts allowed now (rule
    /// A1).</summary>
    bool CanDoApf(int vcpu);

    /// <summary>kvm_can_deliver_async_pf: guest enabled APF, and CPL or SEND_ALWAYS allow it, paging on (rule
    /// A2).</summary>
    bool CanDeliverApf(int vcpu);

    /// <summary>Looks the gfn up in this vCPU's APF hash. Another vCPU's APF for the same gfn does not count.</summary>
    /// <returns><see cref="ApfRef.None"/> if there is none.</returns>
    ApfRef FindApf(int vcpu, Gfn gfn);

    /// <summary>Looks an outstanding APF of this vCPU up by token.</summary>
    /// <returns><see cref="ApfRef.None"/> if there is none.</returns>
    ApfRef FindApfByToken(int vcpu, uint token);

    /// <summary>The APF in place <paramref name="place"/> (0 to <see cref="ApfLimit"/>-1) of the vCPU's queue, oldest
    /// first.</summary>
    /// <returns><see cref="ApfRef.None"/> behind the last.</returns>
    ApfRef ApfAt(int vcpu, int place);

    /// <summary>ASYNC_PF_PER_VCPU: how many APFs a vCPU may have queued (64 in the kernel).</summary>
    int ApfLimit { get; }

    /// <summary>Queues an APF: draws a token and enters the gfn in the vCPU's hash.</summary>
    /// <param name="vcpu">The faulting vCPU.</param>
    /// <param name="gfn">The frame: key of the hash.</param>
    /// <param name="prefault">The frame KVM faults in on its own when the ready event is delivered; normally
    /// <paramref name="gfn"/>.</param>
    /// <returns><see cref="ApfRef.None"/> if <see cref="ApfLimit"/> are queued already.</returns>
    ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault);

    /// <summary>Forgets an APF that was set up, and neither injected nor completed.</summary>
    void CancelApf(int vcpu, ApfRef apf);

    /// <summary>Page-not-present: queues the #PF with CR2 = token if it can be delivered, else requests the APF
    /// halt.</summary>
    /// <returns>True if the #PF was queued; then, and only then, a page-ready interrupt will follow.</returns>
    bool InjectNotPresent(int vcpu, ApfRef apf);

    /// <summary>Appends the APF to the vCPU's done list, asks for delivery and kicks the vCPU if needed. It does not
    /// test whether the APF is on the list already: that is the caller's duty.</summary>
    void CompleteApf(int vcpu, ApfRef apf);

    /// <summary>KVM_REQ_APF_HALT: the vCPU will not enter the guest until a ready event or an interrupt.</summary>
    void RequestHalt(int vcpu);

    /// <summary>Makes the vCPU leave the guest or wake from a halt.</summary>
    void Kick(int vcpu);

    /// <summary>Queues a kernel work item; <c>OnWork</c> runs later in a worker thread with this argument.</summary>
    void QueueWork(ulong argument);

    /// <summary>Signals a registered eventfd.</summary>
    void SignalEventfd(int eventfd);

    /// <summary>Takes a per-vCPU lock; waits while another thread holds it.</summary>
    void Lock(KvmLock which, int vcpu);

    /// <summary>Releases a per-vCPU lock. To release one that the caller does not hold is a defect and stops the
    /// run.</summary>
    void Unlock(KvmLock which, int vcpu);

    /// <summary>Ground truth of a fault. Only for encodings that declare <see cref="EncodingTraits.Omniscient"/>;
    /// any other caller is stopped.</summary>
    GroundTruth Truth(int vcpu, Gfn gfn);
}
