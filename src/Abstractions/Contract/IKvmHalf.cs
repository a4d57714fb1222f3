namespace UapiLab.Abstractions;

/// <summary>KVM's half of an encoding. Stateless: no fields but options fixed at construction. It cannot address
/// VMM-private regions.</summary>
/// <typeparam name="TKvm">The world it runs in: simulated, checked or native.</typeparam>
public interface IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    /// <summary>A fault in an armed slot: decide whether it is userspace's. The one required member.</summary>
    FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault);

    /// <summary>KVM_RUN was called, before anything else is looked at, pending signals included.</summary>
    RunAnswer OnRun(TKvm kvm, RunEntry entry) => RunAnswer.Enter;

    /// <summary>KVM_RUN is about to return to userspace.</summary>
    void OnRunReturn(TKvm kvm, int vcpu) { }

    /// <summary>A declared ioctl.</summary>
    /// <returns>0, or minus an errno. The default is -EINVAL: to what it does not know KVM answers so on a vCPU
    /// (kvm_arch_vcpu_ioctl of x86), and -ENOTTY only on a VM.</returns>
    long OnIoctl(TKvm kvm, IoctlCall call) => Errno.Invalid.Negated();

    /// <summary>Userspace signalled an eventfd that KVM polls. Runs in the signaller's context and must not wait:
    /// queue work instead.</summary>
    void OnEventfd(TKvm kvm, int eventfd) { }

    /// <summary>A work item queued by <see cref="IKvm.QueueWork"/>.</summary>
    void OnWork(TKvm kvm, ulong argument) { }

    /// <summary>The vCPU is about to sleep in an APF halt: the last chance to find a completion.</summary>
    void OnBeforeHalt(TKvm kvm, int vcpu) { }

    /// <summary>An APF left the done list and its slot is about to be reused.</summary>
    void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) { }

    /// <summary>KVM is about to drop every outstanding APF of the vCPU; they can still be found.</summary>
    void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) { }

    /// <summary>KVM dropped every outstanding APF of the vCPU.</summary>
    void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) { }

    /// <summary>The userfault flag of the memslot changed; stage-2 mappings were zapped already where the rules say
    /// so.</summary>
    void OnMemslotChange(TKvm kvm, MemslotChange change) { }
}
