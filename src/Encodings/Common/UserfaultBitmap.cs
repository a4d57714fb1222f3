using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>The bitmap of KVM Userfault: one bit per frame, 1 = a fault exits to userspace. Only the VMM writes
/// it.</summary>
internal static class UserfaultBitmap
{
    /// <summary>Declaration of the region.</summary>
    public static RegionSpec Spec => new("userfault_bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1,
        "1 = a fault in the gfn exits to userspace; written by the VMM, read by KVM at each fault in the "
            + "slot.")
    { Holds = WordKind.Number };

    /// <summary>KVM's check, a plain read as in KVM Userfault v3. What it finds decides by a branch whether a mapping
    /// is installed, and the guest's access goes through that mapping: who sees the bit that <see cref="Clear"/>
    /// released sees the page's content.</summary>
    /// <returns>False if the bitmap cannot be read: KVM_RUN then fails with a plain -EFAULT.</returns>
    public static bool TryRead<TKvm>(TKvm kvm, Region bitmap, Gfn gfn, out bool exits)
        where TKvm : struct, IKvm
    {
        bool readable = kvm.TryLoad(bitmap, GfnPacking.Bitmap.WordOf(gfn), out ulong word, MemoryOrder.Relaxed);
        exits = (word & GfnPacking.Bitmap.MaskOf(gfn)) != 0;
        return readable;
    }

    /// <summary>Publishes a populated page. Atomic although one thread owns the frame: 64 frames share the
    /// word.</summary>
    public static void Clear<TVmm>(TVmm vmm, Region bitmap, Gfn gfn)
        where TVmm : struct, IVmm =>
        vmm.FetchAnd(bitmap, GfnPacking.Bitmap.WordOf(gfn), ~GfnPacking.Bitmap.MaskOf(gfn), MemoryOrder.Release);

    /// <summary>Marks a range as faulting. A page that is mapped faults once it is unmapped: by its discard, or by a
    /// memslot update.</summary>
    public static void Arm<TVmm>(TVmm vmm, Region bitmap, ArmRequest request)
        where TVmm : struct, IVmm
    {
        WordSpans spans = GfnPacking.Bitmap.Split(request.First, request.Count);
        if (spans.HeadMask != 0)
        {
            vmm.FetchOr(bitmap, spans.HeadWord, spans.HeadMask, MemoryOrder.Relaxed);
        }

        if (spans.WholeCount != 0)
        {
            vmm.Fill(bitmap, spans.FirstWhole, spans.WholeCount, ulong.MaxValue);
        }

        if (spans.TailMask != 0)
        {
            vmm.FetchOr(bitmap, spans.TailWord, spans.TailMask, MemoryOrder.Relaxed);
        }

        // The uAPI does not promise that the memslot ioctl orders plain stores made before it.
        vmm.Fence();
    }
}
