using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Injects at the fault; the APF is pending until it is accepted, completed, or KVM_RUN is called.</summary>
internal sealed class AtFaultKvmHalf<TKvm>(AtFaultFault fault) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly AtFaultFault _fault = fault;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!FrameBitmap.TryRead(kvm, AtFaultWords.Bitmap, fault.Gfn, out bool isMarked))
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

        ApfRef apf = FrameApf.SetUp(kvm, AtFaultWords.Apfs, fault.Vcpu, fault.Gfn, FrameApf.Pending);
        if (!apf.Exists)
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        kvm.InjectNotPresent(fault.Vcpu, apf);
        return FaultAnswer.Exit(TestFlags.Userfault | TestFlags.AsyncPf);
    }

    public RunAnswer OnRun(TKvm kvm, RunEntry entry)
    {
        if (_fault.CompletesAtReentry && !entry.ImmediateExit)
        {
            CompletePending(kvm, entry.Vcpu);
        }

        return RunAnswer.Enter;
    }

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        Gfn gfn = Gfn.OfGpa(call.Argument.W0);
        return (call.Argument.W1 switch
        {
            FrameApf.Accept => FrameApf.AcceptOne(kvm, AtFaultWords.Apfs, call.Vcpu, gfn),
            FrameApf.Ready => FrameApf.Complete(kvm, AtFaultWords.Apfs, call.Vcpu, gfn),
            _ => Errno.Invalid,
        }).Negated();
    }

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => FrameApf.Forget(kvm, AtFaultWords.Apfs, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        FrameApf.ForgetAll(kvm, AtFaultWords.Apfs, vcpu);

    private static void CompletePending(TKvm kvm, int vcpu)
    {
        kvm.Lock(KvmLock.Apf, vcpu);
        for (int place = 0; place < kvm.ApfLimit; place++)
        {
            ApfRef apf = kvm.ApfAt(vcpu, place);
            if (!apf.Exists)
            {
                break;
            }

            if (kvm.Load(AtFaultWords.Apfs, AtFaultWords.Apfs.At(apf.Slot)) == FrameApf.Pending)
            {
                FrameApf.CompleteLocked(kvm, AtFaultWords.Apfs, vcpu, apf);
            }
        }

        kvm.Unlock(KvmLock.Apf, vcpu);
    }
}
