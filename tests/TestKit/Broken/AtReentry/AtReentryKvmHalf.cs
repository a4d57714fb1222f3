using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Offers an APF at the exit and starts it in the KVM_RUN that brings the answer.</summary>
internal sealed class AtReentryKvmHalf<TKvm>(AtReentryFault fault) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly AtReentryFault _fault = fault;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!FrameBitmap.TryRead(kvm, AtReentryWords.Bitmap, fault.Gfn, out bool isMarked))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if (!isMarked)
        {
            return FaultAnswer.Map;
        }

        if (fault.Prefetch || !kvm.CanDoApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        kvm.Store(AtReentryWords.OfferEpoch, AtReentryWords.OfferEpoch.At(fault.Vcpu),
            kvm.Load(AtReentryWords.SlotEpoch, 0));
        kvm.Store(AtReentryWords.Offered, AtReentryWords.Offered.At(fault.Vcpu), fault.Gfn.Value + 1);
        return FaultAnswer.Exit(TestFlags.Userfault | TestFlags.AsyncPf);
    }

    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (entry.ImmediateExit)
        {
            return RunAnswer.Enter;
        }

        ulong answer = kvm.Load(AtReentryWords.Answer, AtReentryWords.Answer.At(entry.Vcpu));
        ulong offered = kvm.Load(AtReentryWords.Offered, AtReentryWords.Offered.At(entry.Vcpu));
        if (answer != 0)
        {
            kvm.Store(AtReentryWords.Answer, AtReentryWords.Answer.At(entry.Vcpu), 0);
        }

        return offered == 0 ? RunAnswer.Enter : Follow(kvm, entry.Vcpu, answer != 0, new Gfn(offered - 1));
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        Errno result = call.Argument.W1 == FrameApf.Ready
            ? Ready(kvm, call.Vcpu, Gfn.OfGpa(call.Argument.W0))
            : Errno.Invalid;
        return (result == Errno.NoEntry && !_fault.DeclaredErrno ? Errno.Again : result).Negated();
    }

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => FrameApf.Forget(kvm, AtReentryWords.Apfs, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        FrameApf.ForgetAll(kvm, AtReentryWords.Apfs, vcpu);

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason)
    {
        if (_fault.EndsOffers)
        {
            kvm.Store(AtReentryWords.Offered, AtReentryWords.Offered.At(vcpu), 0);
        }
    }

    public void OnMemslotChange(TKvm kvm, MemslotChange change) => kvm.FetchAdd(AtReentryWords.SlotEpoch, 0, 1);

    /// <summary>The offer ends and the APF begins in one step.</summary>
    private RunAnswer Follow(TKvm kvm, int vcpu, bool wantsApf, Gfn gfn)
    {
        wantsApf = wantsApf && (!_fault.VoidsOffers || IsMarked(kvm, gfn));
        bool canDo = wantsApf && kvm.CanDoApf(vcpu);
        kvm.Lock(KvmLock.Apf, vcpu);
        bool isOpen = kvm.Load(AtReentryWords.Offered, AtReentryWords.Offered.At(vcpu)) != 0;
        kvm.Store(AtReentryWords.Offered, AtReentryWords.Offered.At(vcpu), 0);
        ApfRef apf = isOpen && canDo
            ? FrameApf.SetUpLocked(kvm, AtReentryWords.Apfs, vcpu, gfn, FrameApf.Pending) : ApfRef.None;
        kvm.Unlock(KvmLock.Apf, vcpu);
        if (!apf.Exists)
        {
            return isOpen && wantsApf ? new RunAnswer(ExitAgain: true, gfn, TestFlags.Userfault) : RunAnswer.Enter;
        }

        if (_fault.LooksAgain && !IsNeeded(kvm, vcpu, gfn))
        {
            FrameApf.Withdraw(kvm, AtReentryWords.Apfs, vcpu, apf);
        }
        else
        {
            kvm.InjectNotPresent(vcpu, apf);
        }

        return RunAnswer.Enter;
    }

    private Errno Ready(TKvm kvm, int vcpu, Gfn gfn)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        Errno result = FrameApf.CompleteLocked(kvm, AtReentryWords.Apfs, vcpu, kvm.FindApf(vcpu, gfn));
        if (result == Errno.NoEntry && _fault.VoidsOffers
            && kvm.Load(AtReentryWords.Offered, AtReentryWords.Offered.At(vcpu)) == gfn.Value + 1)
        {
            kvm.Store(AtReentryWords.Offered, AtReentryWords.Offered.At(vcpu), 0);
            result = Errno.None;
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
        return result;
    }

    /// <summary>The bit is set, which a READY that came too early would have cleared; and not by a later arming, which
    /// went through a memslot update if anybody had reason to think so.</summary>
    private static bool IsNeeded(TKvm kvm, int vcpu, Gfn gfn) =>
        IsMarked(kvm, gfn) && IsCurrent(kvm, vcpu);

    private static bool IsMarked(TKvm kvm, Gfn gfn) =>
        FrameBitmap.TryRead(kvm, AtReentryWords.Bitmap, gfn, out bool isMarked) && isMarked;

    private static bool IsCurrent(TKvm kvm, int vcpu) =>
        kvm.Load(AtReentryWords.SlotEpoch, 0) == kvm.Load(AtReentryWords.OfferEpoch,
            AtReentryWords.OfferEpoch.At(vcpu));
}
