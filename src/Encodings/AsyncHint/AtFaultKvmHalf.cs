using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>KVM's half, inject=at-fault: injects at the fault and leaves the APF pending until userspace accepts it, says
/// ready, or comes back without either.</summary>
internal sealed class AtFaultKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, AsyncHintLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if (!exits)
        {
            return FaultAnswer.Map;
        }

        if (fault.Prefetch || !VcpuCapability.IsOn(kvm, fault.Vcpu) || !kvm.CanDoApf(fault.Vcpu))
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
    /// guest would fault again, find its own APF, and halt for a READY that nobody sends.</summary>
    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (entry.ImmediateExit)
        {
            return RunAnswer.Enter;
        }

        kvm.Lock(KvmLock.Apf, entry.Vcpu);
        for (int place = 0; place < kvm.ApfLimit; place++)
        {
            ApfRef apf = kvm.ApfAt(entry.Vcpu, place);
            if (!apf.Exists)
            {
                break;
            }

            if (StateOf(kvm, apf) == ApfLedger.Pending)
            {
                ApfLedger.CompleteLocked(kvm, AsyncHintLayout.ApfState, entry.Vcpu, apf);
            }
        }

        kvm.Unlock(KvmLock.Apf, entry.Vcpu);
        return RunAnswer.Enter;
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Number switch
    {
        AsyncHintLayout.EnableCap => VcpuCapability.Set(kvm, AsyncHintLayout.AtFaultCapability, call),
        AsyncHintLayout.AsyncPf => AsyncPf(kvm, call),
        _ => Errno.NotTty,
    }).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, AsyncHintLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.BeginClearing(kvm, vcpu);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) => HintQueue.EndClearing(kvm, vcpu);

    private static Errno AsyncPf(TKvm kvm, IoctlCall call)
    {
        if (!AsyncPfRequest.TryParse(call.Argument, out Gfn gfn, out uint op))
        {
            return Errno.Invalid;
        }

        return op switch
        {
            AsyncHintLayout.Accept => Accept(kvm, call.Vcpu, gfn),
            AsyncHintLayout.Ready => HintQueue.Ready(kvm, call.Vcpu, gfn),
            _ => Errno.Invalid,
        };
    }

    /// <summary>Accepting what is accepted or completed already succeeds and does nothing.</summary>
    private static Errno Accept(TKvm kvm, int vcpu, Gfn gfn)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfRef apf = kvm.FindApf(vcpu, gfn);
        ulong state = apf.Exists ? StateOf(kvm, apf) : ApfLedger.Free;
        if (state == ApfLedger.Pending)
        {
            kvm.Store(AsyncHintLayout.ApfState, AsyncHintLayout.ApfState.At(apf.Slot), ApfLedger.Accepted);
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
        return state == ApfLedger.Free ? Errno.NoEntry : Errno.None;
    }

    private static ulong StateOf(TKvm kvm, ApfRef apf) =>
        kvm.Load(AsyncHintLayout.ApfState, AsyncHintLayout.ApfState.At(apf.Slot));
}
