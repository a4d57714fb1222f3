using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>A KVM half that is right unless told otherwise: token-keyed APFs at marked frames.</summary>
internal sealed class TokenKvmHalf<TKvm>(TokenFault fault) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly TokenFault _fault = fault;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!FrameBitmap.TryRead(kvm, TokenWords.Bitmap, fault.Gfn, out bool isMarked))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if (!isMarked)
        {
            return FaultAnswer.Map;
        }

        if (fault.Prefetch || (_fault.AsksCanDo && !kvm.CanDoApf(fault.Vcpu)))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        if (!kvm.CanDeliverApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        kvm.Lock(KvmLock.Apf, fault.Vcpu);
        ApfRef apf = kvm.SetUpApf(fault.Vcpu, fault.Gfn, fault.Gfn);
        if (apf.Exists)
        {
            kvm.Store(TokenWords.Completed, TokenWords.Completed.At(apf.Slot), 0);
        }

        kvm.Unlock(KvmLock.Apf, fault.Vcpu);
        if (!apf.Exists)
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        kvm.InjectNotPresent(fault.Vcpu, apf);
        return FaultAnswer.Exit(TestFlags.Userfault | TestFlags.AsyncPf, apf.Token);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        if (call.Number != TokenWords.Ready)
        {
            return Errno.Invalid.Negated();
        }

        kvm.Lock(KvmLock.Apf, call.Vcpu);
        Errno result =
            Complete(kvm, call.Vcpu, kvm.FindApfByToken(call.Vcpu, (uint)(call.Argument.W0 & uint.MaxValue)));
        kvm.Unlock(KvmLock.Apf, call.Vcpu);
        return result.Negated();
    }

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) =>
        kvm.Store(TokenWords.Completed, TokenWords.Completed.At(apf.Slot), 0);

    private Errno Complete(TKvm kvm, int vcpu, ApfRef apf)
    {
        if (!apf.Exists)
        {
            return Errno.Invalid;
        }

        if (_fault.CompletesOnce)
        {
            if (kvm.Load(TokenWords.Completed, TokenWords.Completed.At(apf.Slot)) != 0)
            {
                if (_fault.CountsRepeats)
                {
                    kvm.FetchAdd(TokenWords.Completed, TokenWords.Completed.At(apf.Slot), 1);
                }

                return Errno.Already;
            }

            if (!_fault.HoldsLock)
            {
                kvm.Unlock(KvmLock.Apf, vcpu);
                kvm.Lock(KvmLock.Apf, vcpu);
            }

            kvm.Store(TokenWords.Completed, TokenWords.Completed.At(apf.Slot), 1);
        }

        kvm.CompleteApf(vcpu, apf);
        return Errno.None;
    }
}
