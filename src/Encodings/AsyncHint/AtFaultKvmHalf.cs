using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>KVM's half, inject=at-fault: injects at the fault and leaves the APF pending until userspace accepts it,
/// says ready, or comes back without either.</summary>
internal sealed class AtFaultKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, AsyncHintLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return exits ? OnMarkedFrame(kvm, fault) : FaultAnswer.Map;
    }

    /// <summary>Apart from the look-up, which is all that a fault in any other frame pays for.</summary>
    private static FaultAnswer OnMarkedFrame(TKvm kvm, GuestFault fault)
    {
        if (fault.Prefetch || !VcpuCapability.IsOn(kvm, AsyncHintLayout.Enabled, fault.Vcpu)
            || !kvm.CanDoApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        ApfRef apf = ApfLedger.SetUp(kvm, AsyncHintLayout.ApfState, fault.Vcpu, fault.Gfn);
        if (!apf.Exists)
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        // Whether the event can be delivered is not asked: if not, this requests the APF halt.
        kvm.InjectNotPresent(fault.Vcpu, apf);
        return FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf);
    }

    /// <summary>Auto-completion: userspace came back without accepting, so it has resolved the fault. Without this the
    /// guest would fault again, find its own APF, and halt for a READY that the VMM never sends.</summary>
    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (entry.ImmediateExit)
        {
            return RunAnswer.Enter;
        }

        PendingApfs.CompleteAll(kvm, entry.Vcpu);
        return RunAnswer.Enter;
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Number switch
    {
        VcpuCapability.EnableCap =>
            VcpuCapability.Set(kvm, AsyncHintLayout.Enabled, AsyncHintLayout.AtFaultCapability, call),
        AsyncHintLayout.AsyncPf => PendingApfs.Answer(kvm, call),
        _ => Errno.Invalid,
    }).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, AsyncHintLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.BeginClearing(kvm, vcpu);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.EndClearing(kvm, vcpu);
}
