using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>The producer: one for each vCPU, its own thread.</summary>
internal sealed class RingKvmHalf<TKvm>(RingFault fault) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly RingFault _fault = fault;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        int v = fault.Vcpu;
        if (!FrameBitmap.TryRead(kvm, RingWords.Bitmap, fault.Gfn, out bool isMarked))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        if (!isMarked)
        {
            return FaultAnswer.Map;
        }

        if (fault.Prefetch || !kvm.CanDoApf(v))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        if (kvm.FindApf(v, fault.Gfn).Exists)
        {
            kvm.RequestHalt(v);
            return FaultAnswer.Retry;
        }

        ulong head = kvm.Load(RingWords.KvmHead, RingWords.KvmHead.At(v));
        ulong tail = kvm.Load(RingWords.Ring, RingWords.Tail(v), MemoryOrder.Acquire);
        Believe(kvm, v, head, tail);
        if (!kvm.CanDeliverApf(v) || (_fault.Trusts != RingTrust.RingHasRoom && RingWords.IsFull(head, tail)))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        ApfRef apf = FrameApf.SetUp(kvm, RingWords.Apfs, v, fault.Gfn, FrameApf.Accepted);
        if (_fault.Trusts == RingTrust.RingHasRoom && RingWords.IsFull(head, tail))
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        if (!apf.Exists)
        {
            return FaultAnswer.Exit(TestFlags.Userfault);
        }

        Publish(kvm, v, head, fault.Gfn);
        kvm.InjectNotPresent(v, apf);
        return FaultAnswer.Retry;
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => (call.Argument.W1 == FrameApf.Ready
        ? FrameApf.Complete(kvm, RingWords.Apfs, call.Vcpu, Gfn.OfGpa(call.Argument.W0))
        : Errno.Invalid).Negated();

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => FrameApf.Forget(kvm, RingWords.Apfs, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        FrameApf.ForgetAll(kvm, RingWords.Apfs, vcpu);

    private void Believe(TKvm kvm, int vcpu, ulong head, ulong tail)
    {
        if (_fault.Trusts == RingTrust.TailIsAnIndex)
        {
            kvm.Load(RingWords.Entries, RingWords.Entries.At(vcpu) + tail);
        }

        for (ulong index = tail; _fault.Trusts == RingTrust.TailMeetsHead && index != head; index++)
        {
            kvm.Load(RingWords.Entries, RingWords.Entry(vcpu, index));
        }
    }

    private void Publish(TKvm kvm, int vcpu, ulong head, Gfn gfn)
    {
        kvm.Store(RingWords.Entries, RingWords.Entry(vcpu, head), gfn.Value + 1);
        kvm.Store(RingWords.KvmHead, RingWords.KvmHead.At(vcpu), RingWords.After(head, _fault));
        kvm.Store(RingWords.Ring, RingWords.Head(vcpu), RingWords.After(head, _fault), MemoryOrder.Release);
        if (_fault.ProducerFences)
        {
            kvm.Fence();
        }

        // The locked instruction only where it is needed; the plain load before it is what has to stay behind the
        // fence.
        if (kvm.Load(RingWords.Wanted, RingWords.Wanted.At(vcpu)) != 0
            && kvm.Exchange(RingWords.Wanted, RingWords.Wanted.At(vcpu), 0) != 0)
        {
            kvm.SignalEventfd(RingWords.Eventfd(vcpu));
        }
    }
}
