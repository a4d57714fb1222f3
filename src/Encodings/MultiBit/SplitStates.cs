using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>One bitmap for each bit of the state. No access covers a whole state, so the order of the planes and the
/// choice of transitions have to make every mixture of old and new bits safe (README, "Split").</summary>
internal static class SplitStates
{
    /// <summary>Planes are read upwards, each with acquire. Any order would do: a mixture is 0 only if the new state
    /// is.</summary>
    public static bool TryRead<TKvm>(TKvm kvm, MultiBitOptions options, Gfn gfn, out ulong state)
        where TKvm : struct, IKvm
    {
        state = 0;
        ulong word = GfnPacking.Bitmap.WordOf(gfn);
        for (int bit = 0; bit < options.Bits; bit++)
        {
            if (!kvm.TryLoad(MultiBitLayout.Plane(bit), word, out ulong plane, MemoryOrder.Acquire))
            {
                return false;
            }

            state |= GfnPacking.Bitmap.Extract(plane, gfn) << bit;
        }

        return true;
    }

    /// <summary>Planes that become 1 before planes that become 0: a frame that faulted before never looks present
    /// between the two.</summary>
    public static void Set<TVmm>(TVmm vmm, MultiBitOptions options, Gfn first, ulong count, ulong state)
        where TVmm : struct, IVmm
    {
        WordSpans spans = GfnPacking.Bitmap.Split(first, count);
        for (int bit = 0; bit < options.Bits; bit++)
        {
            if ((state >> bit & 1) != 0)
            {
                SetRange(vmm, options, MultiBitLayout.Plane(bit), spans);
            }
        }

        vmm.Fence();
        for (int bit = 0; bit < options.Bits; bit++)
        {
            if ((state >> bit & 1) == 0)
            {
                ClearRange(vmm, options, MultiBitLayout.Plane(bit), spans);
            }
        }
    }

    /// <summary>Clears every plane, each with release. What a reader sees meanwhile has some bits left: a fault or a
    /// read-only mapping of a page whose content is there.</summary>
    public static void Publish<TVmm>(TVmm vmm, MultiBitOptions options, Gfn gfn)
        where TVmm : struct, IVmm
    {
        ulong word = GfnPacking.Bitmap.WordOf(gfn);
        ulong mask = GfnPacking.Bitmap.MaskOf(gfn);
        for (int bit = 0; bit < options.Bits; bit++)
        {
            Clear(vmm, options, MultiBitLayout.Plane(bit), word, mask, MemoryOrder.Release);
        }
    }

    /// <summary>Adds the missing one of the two fault bits. The test and the set touch two words, so a frame published
    /// between them is left in a fault state (README, "Split").</summary>
    public static void MarkInFlight<TVmm>(TVmm vmm, MultiBitOptions options, Gfn gfn)
        where TVmm : struct, IVmm
    {
        ulong word = GfnPacking.Bitmap.WordOf(gfn);
        ulong state = 0;
        for (int bit = 0; bit < options.Bits; bit++)
        {
            state |= GfnPacking.Bitmap.Extract(vmm.Load(MultiBitLayout.Plane(bit), word), gfn) << bit;
        }

        if (state is FrameState.FaultSync or FrameState.FaultAsync)
        {
            int missing = state == FrameState.FaultSync ? 1 : 0;
            Set(vmm, options, MultiBitLayout.Plane(missing), word, GfnPacking.Bitmap.MaskOf(gfn));
        }
    }

    private static void SetRange<TVmm>(TVmm vmm, MultiBitOptions options, Region plane, WordSpans spans)
        where TVmm : struct, IVmm
    {
        Set(vmm, options, plane, spans.HeadWord, spans.HeadMask);
        if (spans.WholeCount != 0)
        {
            vmm.Fill(plane, spans.FirstWhole, spans.WholeCount, ulong.MaxValue);
        }

        Set(vmm, options, plane, spans.TailWord, spans.TailMask);
    }

    private static void ClearRange<TVmm>(TVmm vmm, MultiBitOptions options, Region plane, WordSpans spans)
        where TVmm : struct, IVmm
    {
        Clear(vmm, options, plane, spans.HeadWord, spans.HeadMask, MemoryOrder.Relaxed);
        if (spans.WholeCount != 0)
        {
            vmm.Fill(plane, spans.FirstWhole, spans.WholeCount, 0);
        }

        Clear(vmm, options, plane, spans.TailWord, spans.TailMask, MemoryOrder.Relaxed);
    }

    private static void Set<TVmm>(TVmm vmm, MultiBitOptions options, Region plane, ulong word, ulong mask)
        where TVmm : struct, IVmm
    {
        if (mask == 0)
        {
            return;
        }

        if (options.Plain)
        {
            vmm.Store(plane, word, vmm.Load(plane, word) | mask);
        }
        else
        {
            vmm.FetchOr(plane, word, mask);
        }
    }

    private static void Clear<TVmm>(TVmm vmm, MultiBitOptions options, Region plane, ulong word, ulong mask,
        MemoryOrder order)
        where TVmm : struct, IVmm
    {
        if (mask == 0)
        {
            return;
        }

        if (options.Plain)
        {
            vmm.Store(plane, word, vmm.Load(plane, word) & ~mask, order);
        }
        else
        {
            vmm.FetchAnd(plane, word, ~mask, order);
        }
    }
}
