using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;

namespace UapiLab.Encodings.Exitless;

/// <summary>KVM's end of the completion ring.</summary>
internal static class CompletionRing
{
    /// <summary>Entries that one work item takes.</summary>
    private const ulong Batch = 8;

    /// <summary>Takes a batch. An entry with flags or without a page-aligned gpa is skipped; a head further ahead than
    /// the ring is long drops everything up to it. The APFs stay, and READY still completes them.</summary>
    /// <returns>Whether more had arrived.</returns>
    public static bool Drain<TKvm>(TKvm kvm, int vcpu, int ring)
        where TKvm : struct, IKvm
    {
        if (kvm.Load(ExitlessLayout.Registered, ExitlessLayout.Registered.At(vcpu)) == 0)
        {
            return false;
        }

        Region entries = ExitlessLayout.CompleteEntries(ring);
        kvm.Lock(KvmLock.Encoding, vcpu);
        ulong tail = kvm.Load(ExitlessLayout.KvmTail, ExitlessLayout.KvmTail.At(vcpu));
        ulong head = kvm.Load(ExitlessLayout.Complete, ExitlessLayout.Head(ExitlessLayout.Complete, vcpu),
            MemoryOrder.Acquire);
        ulong waiting = ExitlessLayout.Count(head, tail, ring);
        bool nonsense = waiting > (ulong)ring;
        ulong taken = nonsense ? 0 : Math.Min(waiting, Batch);
        for (ulong i = 0; i < taken; i++)
        {
            ulong entry = ExitlessLayout.Entry(entries, vcpu, tail, ring);
            ulong gpa = kvm.Load(entries, entry);
            ulong flags = kvm.Load(entries, entry + 1);
            tail = ExitlessLayout.After(tail, ring);
            if (flags == 0 && gpa % Gfn.PageSize == 0)
            {
                HintQueue.Ready(kvm, vcpu, Gfn.OfGpa(gpa));
            }
        }

        tail = nonsense ? ExitlessLayout.Index(head, ring) : tail;
        if (nonsense || taken > 0)
        {
            kvm.Store(ExitlessLayout.KvmTail, ExitlessLayout.KvmTail.At(vcpu), tail);
            kvm.Store(ExitlessLayout.Complete, ExitlessLayout.Tail(ExitlessLayout.Complete, vcpu), tail,
                MemoryOrder.Release);
        }

        kvm.Unlock(KvmLock.Encoding, vcpu);
        return !nonsense && waiting > taken;
    }
}
