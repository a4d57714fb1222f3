using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;

namespace UapiLab.Encodings.Exitless;

/// <summary>KVM's end of the completion ring.</summary>
internal static class CompletionRing
{
    private const int Entry = 0;

    /// <summary>Takes what is in the ring, under one hold of the APF lock. Head and tail are both the page's, which
    /// userspace can write: a head further ahead than the ring is long drops everything up to it. An entry with flags
    /// or without a page-aligned gpa is skipped. The APFs stay, and READY still completes them.</summary>
    /// <returns>Whether more has arrived.</returns>
    public static bool Drain<TKvm>(TKvm kvm, int vcpu, int ring)
        where TKvm : struct, IKvm
    {
        if (kvm.Load(ExitlessLayout.Registered, ExitlessLayout.Registered.At(vcpu)) == 0)
        {
            return false;
        }

        Region index = ExitlessLayout.Complete;
        Region entries = ExitlessLayout.CompleteEntries(ring);
        kvm.Lock(KvmLock.Apf, vcpu);
        ulong start = ExitlessLayout.Index(kvm.Load(index, ExitlessLayout.Tail(index, vcpu)), ring);
        ulong head = ExitlessLayout.Index(
            kvm.Load(index, ExitlessLayout.Head(index, vcpu), MemoryOrder.Acquire), ring);
        ulong tail = ExitlessLayout.Count(head, start, ring) > (ulong)ring ? head : start;
        while (tail != head)
        {
            kvm.Checkpoint(Entry, ref tail, ref head);
            ulong entry = ExitlessLayout.Entry(entries, vcpu, tail, ring);
            ulong gpa = kvm.Load(entries, entry);
            ulong flags = kvm.Load(entries, entry + 1);
            tail = ExitlessLayout.After(tail, ring);
            if (flags == 0 && gpa % Gfn.PageSize == 0)
            {
                HintQueue.ReadyLocked(kvm, vcpu, Gfn.OfGpa(gpa));
            }
        }

        if (tail != start)
        {
            kvm.Store(index, ExitlessLayout.Tail(index, vcpu), tail, MemoryOrder.Release);
        }

        head = kvm.Load(index, ExitlessLayout.Head(index, vcpu), MemoryOrder.Acquire);
        kvm.Unlock(KvmLock.Apf, vcpu);
        return ExitlessLayout.Index(head, ring) != tail;
    }
}
