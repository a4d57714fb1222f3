using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>A KVM half that is right unless told otherwise: token-keyed APFs at marked frames.</summary>
/// <param name="asksCanDo">False: injects with interrupts off, or with an event pending.</param>
/// <param name="completesOnce">False: a second READY appends the APF a second time.</param>
internal sealed class TokenKvmHalf<TKvm>(bool asksCanDo, bool completesOnce) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly bool _asksCanDo = asksCanDo;
    private readonly bool _completesOnce = completesOnce;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!kvm.TryLoad(TokenWords.Bitmap, TokenWords.WordOf(fault.Gfn), out ulong word, MemoryOrder.Acquire))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if ((word & TokenWords.BitOf(fault.Gfn)) == 0)
        {
            return FaultAnswer.Map;
        }

        if (fault.Prefetch || (_asksCanDo && !kvm.CanDoApf(fault.Vcpu)))
        {
            return FaultAnswer.Exit(TokenWords.Userfault);
        }

        if (kvm.FindApf(fault.Vcpu, fault.Gfn).Exists)
        {
            kvm.RequestHalt(fault.Vcpu);
            return FaultAnswer.Retry;
        }

        if (!kvm.CanDeliverApf(fault.Vcpu))
        {
            return FaultAnswer.Exit(TokenWords.Userfault);
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
            return FaultAnswer.Exit(TokenWords.Userfault);
        }

        kvm.InjectNotPresent(fault.Vcpu, apf);
        return FaultAnswer.Exit(TokenWords.Userfault | TokenWords.AsyncPf, apf.Token);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        if (call.Number != TokenWords.Ready)
        {
            return Errno.NotTty.Negated();
        }

        kvm.Lock(KvmLock.Apf, call.Vcpu);
        Errno result = Complete(kvm, call.Vcpu, kvm.FindApfByToken(call.Vcpu, (uint)(call.Argument.W0 & uint.MaxValue)));
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

        if (_completesOnce)
        {
            if (kvm.Load(TokenWords.Completed, TokenWords.Completed.At(apf.Slot)) != 0)
            {
                return Errno.Already;
            }

            kvm.Store(TokenWords.Completed, TokenWords.Completed.At(apf.Slot), 1);
        }

        kvm.CompleteApf(vcpu, apf);
        return Errno.None;
    }
}
