using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>KVM's half: the state of the frame says what to do, and only fault-async starts an APF.</summary>
internal sealed class MultiBitKvmHalf<TKvm>(MultiBitOptions options) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly MultiBitOptions _options = options;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!FrameStates.TryRead(kvm, _options, fault.Gfn, out ulong state))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return state == FrameState.Present ? FaultAnswer.Map : OnMarkedFrame(kvm, fault, state);
    }

    /// <summary>Apart from the look-up, which is all that a fault in a present frame pays for.</summary>
    private FaultAnswer OnMarkedFrame(TKvm kvm, GuestFault fault, ulong state)
    {
        bool mayWaitInKvm = state is FrameState.FaultAsync or FrameState.InFlight;
        if (!mayWaitInKvm || fault.Prefetch || fault.IsPrivate || !kvm.CanDoApf(fault.Vcpu))
        {
            return AnswerWithoutApf(state, fault.Access);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        return state == FrameState.FaultAsync ? StartApf(kvm, fault) : AnswerWithoutApf(state, fault.Access);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        if (call.Number != MultiBitLayout.Ready)
        {
            return Errno.Invalid.Negated();
        }

        (ulong gpa, ulong flagsAndPad, ulong reserved0, ulong reserved1) = call.Argument;
        if (gpa % Gfn.PageSize != 0 || flagsAndPad != 0 || reserved0 != 0 || reserved1 != 0)
        {
            return Errno.Invalid.Negated();
        }

        return ApfLedger.Ready(kvm, MultiBitLayout.ApfState, call.Vcpu, Gfn.OfGpa(gpa)).Negated();
    }

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => ApfLedger.Forget(kvm, MultiBitLayout.ApfState, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        ApfLedger.ForgetAllLocked(kvm, MultiBitLayout.ApfState, vcpu);
        kvm.Unlock(KvmLock.Apf, vcpu);
    }

    private FaultAnswer StartApf(TKvm kvm, GuestFault fault)
    {
        ApfRef apf = ApfLedger.SetUp(kvm, MultiBitLayout.ApfState, fault.Vcpu, fault.Gfn);
        if (!apf.Exists)
        {
            return FaultAnswer.Exit(ExitFlags.Userfault);
        }

        // The state may have changed since it was read, and an injection cannot be taken back. This second look narrows
        // the window; it cannot close it. The APF lock, taken for the set-up, orders it after the first.
        bool readable = FrameStates.TryRead(kvm, _options, fault.Gfn, out ulong state);
        if (readable && state == FrameState.FaultAsync)
        {
            kvm.InjectNotPresent(fault.Vcpu, apf);
            return FaultAnswer.Exit(ExitFlags.Userfault | ExitFlags.AsyncPf);
        }

        if (!ApfLedger.Withdraw(kvm, MultiBitLayout.ApfState, fault.Vcpu, apf))
        {
            return FaultAnswer.Retry;
        }

        return readable ? AnswerWithoutApf(state, fault.Access) : FaultAnswer.Error(Errno.Fault);
    }

    private FaultAnswer AnswerWithoutApf(ulong state, AccessKind access) => state switch
    {
        FrameState.Present => FaultAnswer.Map,
        FrameState.WriteOnly when access != AccessKind.Write => new FaultAnswer(FaultVerdict.MapReadOnly),
        FrameState.Poison => FaultAnswer.Error(Errno.HwPoison),
        FrameState.Intercept => FaultAnswer.Exit(ExitFlags.Userfault | MultiBitLayout.InterceptFlag),
        _ => FaultAnswer.Exit(ExitFlags.Userfault),
    };
}
