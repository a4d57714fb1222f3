using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>The consumer: the I/O thread that a signal woke. There is one at a time for each ring, because only who
/// finds
/// <c>wanted</c> set and clears it may start another.</summary>
internal sealed class RingVmmHalf<TVmm>(RingFault fault) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly RingFault _fault = fault;

    public void OnVcpuCreated(TVmm vmm, int vcpu) =>
        vmm.Store(RingWords.Wanted, RingWords.Wanted.At(vcpu), 1, MemoryOrder.Release);

    public void OnArm(TVmm vmm, ArmRequest request) => FrameBitmap.SetRange(vmm, RingWords.Bitmap, request);

    /// <summary>Only faults that cannot have an APF exit.</summary>
    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        if (_fault.ClearsAtomically)
        {
            FrameBitmap.Clear(vmm, RingWords.Bitmap, gfn);
        }
        else
        {
            FrameBitmap.ClearInTwo(vmm, RingWords.Bitmap, gfn);
        }

        FrameReadies.SendAll(vmm, gfn);
    }

    /// <summary>The tail is read afresh in each round: between arming and taking the arming back others may have
    /// consumed.</summary>
    public void OnEventfd(TVmm vmm, int eventfd)
    {
        int vcpu = eventfd / 2;
        vmm.ReadEventfd(eventfd);
        while (true)
        {
            vmm.Checkpoint(1);
            ulong tail = vmm.Load(RingWords.VmmTail, RingWords.VmmTail.At(vcpu));
            if (HasEntries(vmm.Load(RingWords.Ring, RingWords.Head(vcpu), MemoryOrder.Acquire), tail))
            {
                Consume(vmm, vcpu, tail);
            }
            else if (MaySleep(vmm, vcpu, tail))
            {
                return;
            }
        }
    }

    private bool HasEntries(ulong head, ulong tail) =>
        _fault.Indices == RingIndices.FreelyInOrder ? head > tail : head != tail;

    private void Consume(TVmm vmm, int vcpu, ulong tail)
    {
        ulong entry = vmm.Load(RingWords.Entries, RingWords.Entry(vcpu, tail));
        vmm.Store(RingWords.VmmTail, RingWords.VmmTail.At(vcpu), RingWords.After(tail, _fault));
        vmm.Store(RingWords.Ring, RingWords.Tail(vcpu), RingWords.After(tail, _fault), MemoryOrder.Release);
        var gfn = new Gfn(entry == 0 ? 0 : entry - 1);
        vmm.ReportFault(vcpu, gfn);
        if (!vmm.AddWaiter(gfn, new Waiter(vcpu, gfn.Gpa)))
        {
            FrameReadies.Send(vmm, vcpu, gfn.Gpa);
        }
    }

    /// <summary>Arms, and looks again: a fault that came before KVM could see the arming was not signalled.</summary>
    private bool MaySleep(TVmm vmm, int vcpu, ulong tail)
    {
        vmm.Store(RingWords.Wanted, RingWords.Wanted.At(vcpu), 1, MemoryOrder.Release);
        if (!_fault.LooksAgain)
        {
            return true;
        }

        if (_fault.ConsumerFences)
        {
            vmm.Fence();
        }

        // If KVM saw the arming, a signal is on its way and another thread may be consuming by now.
        return !HasEntries(vmm.Load(RingWords.Ring, RingWords.Head(vcpu)), tail)
            || vmm.Exchange(RingWords.Wanted, RingWords.Wanted.At(vcpu), 0) == 0;
    }
}
