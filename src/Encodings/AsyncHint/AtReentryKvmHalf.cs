using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>KVM's half, inject=at-reentry: the exit only offers an APF; it is started when userspace comes back and has
/// asked for it.</summary>
internal sealed class AtReentryKvmHalf<TKvm> : IKvmHalf<TKvm>
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
        // Can-do is only a forecast here: no offer is made that is sure to be refused. What binds is asked at re-entry.
        if (fault.Prefetch || fault.IsPrivate || !VcpuCapability.IsOn(kvm, AsyncHintLayout.Enabled, fault.Vcpu)
            || !kvm.CanDoApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(fault.Vcpu), fault.Gfn.Value + 1);
        return FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf);
    }

    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        // Nothing is consumed: the guest will not run, and the next KVM_RUN is still the re-entry after that exit.
        if (entry.ImmediateExit)
        {
            return RunAnswer.Enter;
        }

        ulong answer = kvm.Load(AsyncHintLayout.Answer, AsyncHintLayout.Answer.At(entry.Vcpu));
        if (answer != AsyncHintLayout.AnswerNone)
        {
            kvm.Store(AsyncHintLayout.Answer, AsyncHintLayout.Answer.At(entry.Vcpu), AsyncHintLayout.AnswerNone);
        }

        // From here on a READY can only void it.
        ulong offered = kvm.Load(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(entry.Vcpu));
        return offered == 0 ? RunAnswer.Enter : Follow(kvm, entry.Vcpu, answer, new Gfn(offered - 1));
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Number switch
    {
        VcpuCapability.EnableCap =>
            VcpuCapability.Set(kvm, AsyncHintLayout.Enabled, AsyncHintLayout.AtReentryCapability, call),
        AsyncHintLayout.AsyncPf => Ready(kvm, call),
        _ => Errno.Invalid,
    }).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, AsyncHintLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.BeginClearing(kvm, vcpu);

    /// <summary>An offer goes with the queue: after a reset the vCPU no longer executes what faulted.</summary>
    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason)
    {
        HintQueue.EndClearing(kvm, vcpu);
        kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(vcpu), 0);
    }

    /// <summary>Does what userspace answered, unless a READY has voided the offer. Nothing is remembered of the fault
    /// afterwards but the APF.</summary>
    private static RunAnswer Follow(TKvm kvm, int vcpu, ulong answer, Gfn gfn)
    {
        // Saves an APF for a page that has come and whose READY is on its way; nothing rests on it. A page whose bit
        // cannot be read is faulted anew, and that exit says so.
        bool wantsApf = answer == AsyncHintLayout.AnswerAsync
            && UserfaultBitmap.TryRead(kvm, AsyncHintLayout.Bitmap, gfn, out bool exits) && exits;
        bool canDo = wantsApf && kvm.CanDoApf(vcpu);

        // The offer ends and the APF begins in one step as READY sees it: it voids the one or finds the other.
        kvm.Lock(KvmLock.Apf, vcpu);
        bool isOpen = kvm.Load(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(vcpu)) != 0;
        kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(vcpu), 0);
        ApfRef apf = isOpen && canDo ? ApfLedger.SetUpLocked(kvm, AsyncHintLayout.ApfState, vcpu, gfn) : ApfRef.None;
        kvm.Unlock(KvmLock.Apf, vcpu);
        if (apf.Exists)
        {
            kvm.InjectNotPresent(vcpu, apf);
            return RunAnswer.Enter;
        }

        bool isRefused = isOpen && (wantsApf || answer > AsyncHintLayout.AnswerAsync);
        return isRefused
            ? new RunAnswer(ExitAgain: true, gfn, ExitFlags.Userfault | AsyncHintLayout.RefusedFlag)
            : RunAnswer.Enter;
    }

    private static Errno Ready(TKvm kvm, IoctlCall call) =>
        AsyncPfRequest.TryParse(call.Argument, out Gfn gfn, out uint op) && op == AsyncHintLayout.Ready
            ? Ready(kvm, call.Vcpu, gfn)
            : Errno.Invalid;

    /// <summary>READY: any thread, no vCPU mutex. An offer for the page is void from now on: whatever userspace answers
    /// to it, the guest looks again. Were it left open, an APF could be started for a page that userspace has armed
    /// again meanwhile and does not fetch.</summary>
    private static Errno Ready(TKvm kvm, int vcpu, Gfn gfn)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        Errno result = HintQueue.ReadyLocked(kvm, vcpu, gfn);
        if (result == Errno.NoEntry
            && kvm.Load(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(vcpu)) == gfn.Value + 1)
        {
            kvm.Store(AsyncHintLayout.Offered, AsyncHintLayout.Offered.At(vcpu), 0);
            result = Errno.None;
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
        return result;
    }
}
