using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;

namespace UapiLab.Encodings.Exitless;

/// <summary>The VMM's half: a thread that the eventfd wakes reads the notify ring, and the thread that brings content
/// completes through the other one.</summary>
/// <param name="ring">Entries of each ring.</param>
/// <param name="always">KVM signals at each entry, rather than when armed.</param>
internal sealed class ExitlessVmmHalf<TVmm>(int ring, bool always) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly int _ring = ring;
    private readonly bool _always = always;

    /// <summary>The page starts unarmed: who never arms is never woken.</summary>
    public void OnVcpuCreated(TVmm vmm, int vcpu)
    {
        vmm.Ioctl(vcpu, VcpuCapability.EnableCap, VcpuCapability.On(AsyncHintLayout.AtFaultCapability));
        vmm.Ioctl(vcpu, ExitlessLayout.SetEventfd,
            EventfdRequest.Of((uint)ExitlessLayout.NotifyFd(vcpu), (uint)ExitlessLayout.CompleteFd(vcpu)));
        if (!_always)
        {
            vmm.FetchOr(ExitlessLayout.Flags, ExitlessLayout.Flags.At(vcpu), ExitlessLayout.NotifyArmed);
        }
    }

    public void OnArm(TVmm vmm, ArmRequest request) => UserfaultBitmap.Arm(vmm, AsyncHintLayout.Bitmap, request);

    /// <summary>A fault that did not fit, or could have no APF: as with inject=at-fault.</summary>
    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if (wanted == Handling.Resolve || (exit.Flags & ExitFlags.AsyncPf) == 0
            || !vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa)))
        {
            return ExitAction.ResolveFirst;
        }

        long accepted = vmm.Ioctl(exit.Vcpu, AsyncHintLayout.AsyncPf,
            AsyncPfRequest.Of(exit.Gfn.Gpa, AsyncHintLayout.Accept));
        return accepted == 0 ? ExitAction.Reenter : ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        UserfaultBitmap.Clear(vmm, AsyncHintLayout.Bitmap, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            Complete(vmm, waiter.Vcpu, waiter.Cookie);
        }
    }

    public void OnEventfd(TVmm vmm, int eventfd)
    {
        int vcpu = eventfd / 2;
        vmm.ReadEventfd(eventfd);
        if (_always)
        {
            ConsumeAlone(vmm, vcpu);
        }
        else
        {
            ConsumeAndArm(vmm, vcpu);
        }
    }

    /// <summary>Drain, arm, full barrier, look again, and only then sleep.</summary>
    private void ConsumeAndArm(TVmm vmm, int vcpu)
    {
        while (true)
        {
            vmm.Checkpoint(1);
            if (!TryConsume(vmm, vcpu, out ulong tail) && MaySleep(vmm, vcpu, tail))
            {
                return;
            }
        }
    }

    /// <summary>Each signal may start a thread. Who finds another at work leaves: that one looks again once it has let
    /// go.</summary>
    private void ConsumeAlone(TVmm vmm, int vcpu)
    {
        bool more = true;
        while (more && TryLock.Take(vmm, ExitlessLayout.ConsumerLock, vcpu))
        {
            vmm.Checkpoint(2);
            while (TryConsume(vmm, vcpu, out _))
            {
                vmm.Checkpoint(3);
            }

            TryLock.Release(vmm, ExitlessLayout.ConsumerLock, vcpu);
            vmm.Fence();
            more = !IsEmpty(vmm, vcpu, vmm.Load(ExitlessLayout.VmmTail, ExitlessLayout.VmmTail.At(vcpu)));
        }
    }

    private static bool IsEmpty(TVmm vmm, int vcpu, ulong tail) =>
        vmm.Load(ExitlessLayout.Notify, ExitlessLayout.Head(ExitlessLayout.Notify, vcpu), MemoryOrder.Acquire) == tail;

    private bool TryConsume(TVmm vmm, int vcpu, out ulong tail)
    {
        tail = vmm.Load(ExitlessLayout.VmmTail, ExitlessLayout.VmmTail.At(vcpu));
        bool any = !IsEmpty(vmm, vcpu, tail);
        if (any)
        {
            Consume(vmm, vcpu, tail);
        }

        return any;
    }

    private void Consume(TVmm vmm, int vcpu, ulong tail)
    {
        Region entries = ExitlessLayout.NotifyEntries(_ring);
        ulong gpa = vmm.Load(entries, ExitlessLayout.Entry(entries, vcpu, tail, _ring));
        vmm.Store(ExitlessLayout.VmmTail, ExitlessLayout.VmmTail.At(vcpu), ExitlessLayout.After(tail, _ring));
        vmm.Store(ExitlessLayout.Notify, ExitlessLayout.Tail(ExitlessLayout.Notify, vcpu),
            ExitlessLayout.After(tail, _ring), MemoryOrder.Release);
        Gfn gfn = Gfn.OfGpa(gpa);
        vmm.ReportFault(vcpu, gfn);
        if (!vmm.AddWaiter(gfn, new Waiter(vcpu, gpa)))
        {
            // The page is there, and nothing completes an entry by itself. If its bit is not clear yet the guest faults
            // once more.
            Complete(vmm, vcpu, gpa);
        }
    }

    /// <summary>A fault that came before KVM could see the arming was not signalled, so the head is read once more. If
    /// there is more, the arming is taken back; a thread that finds it gone leaves the rest to the thread that KVM has
    /// woken.</summary>
    private static bool MaySleep(TVmm vmm, int vcpu, ulong tail)
    {
        vmm.FetchOr(ExitlessLayout.Flags, ExitlessLayout.Flags.At(vcpu), ExitlessLayout.NotifyArmed);
        vmm.Fence();
        if (IsEmpty(vmm, vcpu, tail))
        {
            return true;
        }

        ulong before = vmm.FetchAnd(ExitlessLayout.Flags, ExitlessLayout.Flags.At(vcpu), ~ExitlessLayout.NotifyArmed);
        return (before & ExitlessLayout.NotifyArmed) == 0;
    }

    /// <summary>An entry in the completion ring and a signal; READY if the ring is full, or if another thread is
    /// writing to it.</summary>
    private void Complete(TVmm vmm, int vcpu, ulong gpa)
    {
        if (TryLock.Take(vmm, ExitlessLayout.ProducerLock, vcpu))
        {
            bool fits = TryProduce(vmm, vcpu, gpa);
            TryLock.Release(vmm, ExitlessLayout.ProducerLock, vcpu);
            if (fits)
            {
                vmm.SignalEventfd(ExitlessLayout.CompleteFd(vcpu));
                return;
            }
        }

        vmm.Ioctl(vcpu, AsyncHintLayout.AsyncPf, AsyncPfRequest.Of(gpa, AsyncHintLayout.Ready));
    }

    private bool TryProduce(TVmm vmm, int vcpu, ulong gpa)
    {
        Region entries = ExitlessLayout.CompleteEntries(_ring);
        ulong head = vmm.Load(ExitlessLayout.VmmHead, ExitlessLayout.VmmHead.At(vcpu));
        ulong tail = vmm.Load(ExitlessLayout.Complete, ExitlessLayout.Tail(ExitlessLayout.Complete, vcpu),
            MemoryOrder.Acquire);
        if (ExitlessLayout.Count(head, tail, _ring) >= (ulong)_ring)
        {
            return false;
        }

        ulong entry = ExitlessLayout.Entry(entries, vcpu, head, _ring);
        vmm.Store(entries, entry, gpa);
        vmm.Store(entries, entry + 1, 0);
        vmm.Store(ExitlessLayout.VmmHead, ExitlessLayout.VmmHead.At(vcpu), ExitlessLayout.After(head, _ring));
        vmm.Store(ExitlessLayout.Complete, ExitlessLayout.Head(ExitlessLayout.Complete, vcpu),
            ExitlessLayout.After(head, _ring), MemoryOrder.Release);
        return true;
    }
}
