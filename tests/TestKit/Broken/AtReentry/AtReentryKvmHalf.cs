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

        ulong answer = Take(kvm, AtReentryWords.Answer, entry.Vcpu);
        ulong offered = Take(kvm, AtReentryWords.Offered, entry.Vcpu);
        if (offered == 0 || answer == 0)
        {
            return RunAnswer.Enter;
        }

        var gfn = new Gfn(offered - 1);
        return TryStart(kvm, entry.Vcpu, gfn) ? RunAnswer.Enter
            : new RunAnswer(ExitAgain: true, gfn, TestFlags.Userfault);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        Errno result = call.Argument.W1 == FrameApf.Ready
            ? FrameApf.Complete(kvm, AtReentryWords.Apfs, call.Vcpu, Gfn.OfGpa(call.Argument.W0))
            : Errno.Invalid;
        return (result == Errno.NoEntry && !_fault.DeclaredErrno ? Errno.Again : result).Negated();
    }

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => FrameApf.Forget(kvm, AtReentryWords.Apfs, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        FrameApf.ForgetAll(kvm, AtReentryWords.Apfs, vcpu);

    public void OnMemslotChange(TKvm kvm, MemslotChange change) => kvm.FetchAdd(AtReentryWords.SlotEpoch, 0, 1);

    private static ulong Take(TKvm kvm, Region region, int vcpu)
    {
        ulong value = kvm.Load(region, region.At(vcpu));
        if (value != 0)
        {
            kvm.Store(region, region.At(vcpu), 0);
        }

        return value;
    }

    /// <returns>False if no APF can be started: userspace has to resolve the fault.</returns>
    private bool TryStart(TKvm kvm, int vcpu, Gfn gfn)
    {
        if (!kvm.CanDoApf(vcpu))
        {
            return false;
        }

        ApfRef apf = FrameApf.SetUp(kvm, AtReentryWords.Apfs, vcpu, gfn, FrameApf.Pending);
        if (!apf.Exists)
        {
            return false;
        }

        // A READY that came before the set-up found nothing and is not repeated. The bit tells of it: it was cleared
        // before.
        bool isNeeded = !_fault.LooksAgain
            || (FrameBitmap.TryRead(kvm, AtReentryWords.Bitmap, gfn, out bool isMarked) && isMarked);
        if (isNeeded && (!_fault.OffersExpire || IsCurrent(kvm, vcpu)))
        {
            kvm.InjectNotPresent(vcpu, apf);
        }
        else
        {
            FrameApf.Withdraw(kvm, AtReentryWords.Apfs, vcpu, apf);
        }

        return true;
    }

    private static bool IsCurrent(TKvm kvm, int vcpu) =>
        kvm.Load(AtReentryWords.SlotEpoch, 0) == kvm.Load(AtReentryWords.OfferEpoch,
            AtReentryWords.OfferEpoch.At(vcpu));
}
