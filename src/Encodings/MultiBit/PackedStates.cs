using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Frame states side by side in words: one access reads a frame, and an atomic update is one instruction or a
/// compare-exchange loop.</summary>
internal static class PackedStates
{
    private const int HeadLabel = 1;
    private const int TailLabel = 2;
    private const int MarkLabel = 3;
    private const int RetriesEvent = 0;

    public static OwnEventSpec Retries { get; } = new("retries",
        "Compare-exchanges of a word that failed, as another frame's state in it changed.");

    private static Region States => MultiBitLayout.States;

    public static bool TryRead<TKvm>(TKvm kvm, MultiBitOptions options, Gfn gfn, out ulong state)
        where TKvm : struct, IKvm
    {
        GfnPacking packing = MultiBitLayout.Packing(options.Bits);
        bool readable = kvm.TryLoad(States, packing.WordOf(gfn), out ulong word, MemoryOrder.Acquire);
        state = packing.Extract(word, gfn);
        return readable;
    }

    /// <summary>Whole words are filled; a word shared with frames outside the range is changed in the range's
    /// bits.</summary>
    public static void Set<TVmm>(TVmm vmm, MultiBitOptions options, Gfn first, ulong count, ulong state)
        where TVmm : struct, IVmm
    {
        GfnPacking packing = MultiBitLayout.Packing(options.Bits);
        ulong uniform = packing.Uniform(state);
        WordSpans spans = packing.Split(first, count);
        Replace(vmm, options, HeadLabel, spans.HeadWord, spans.HeadMask, uniform);
        if (spans.WholeCount != 0)
        {
            vmm.Fill(States, spans.FirstWhole, spans.WholeCount, uniform);
        }

        Replace(vmm, options, TailLabel, spans.TailWord, spans.TailMask, uniform);
    }

    /// <summary>Makes a frame present.</summary>
    public static void Publish<TVmm>(TVmm vmm, MultiBitOptions options, Gfn gfn)
        where TVmm : struct, IVmm
    {
        GfnPacking packing = MultiBitLayout.Packing(options.Bits);
        ulong word = packing.WordOf(gfn);
        if (options.Bits == packing.WordBits)
        {
            vmm.Store(States, word, FrameState.Present, MemoryOrder.Release);
        }
        else if (options.Plain)
        {
            vmm.Store(States, word, vmm.Load(States, word) & ~packing.MaskOf(gfn), MemoryOrder.Release);
        }
        else
        {
            vmm.FetchAnd(States, word, ~packing.MaskOf(gfn), MemoryOrder.Release);
        }
    }

    /// <summary>Marks a frame in flight, if it is in one of the two fault states at that instant.</summary>
    public static void MarkInFlight<TVmm>(TVmm vmm, MultiBitOptions options, Gfn gfn)
        where TVmm : struct, IVmm
    {
        GfnPacking packing = MultiBitLayout.Packing(options.Bits);
        ulong word = packing.WordOf(gfn);
        while (true)
        {
            vmm.Checkpoint(MarkLabel);
            ulong old = vmm.Load(States, word);
            if (packing.Extract(old, gfn) is not (FrameState.FaultSync or FrameState.FaultAsync))
            {
                return;
            }

            ulong marked = packing.Insert(old, gfn, FrameState.InFlight);
            if (options.Plain)
            {
                vmm.Store(States, word, marked);
                return;
            }

            if (vmm.CompareExchange(States, word, old, marked) == old)
            {
                return;
            }

            vmm.Count(RetriesEvent);
        }
    }

    private static void Replace<TVmm>(TVmm vmm, MultiBitOptions options, int label, ulong word, ulong mask,
        ulong uniform)
        where TVmm : struct, IVmm
    {
        while (mask != 0)
        {
            vmm.Checkpoint(label);
            ulong old = vmm.Load(States, word);
            ulong armed = (old & ~mask) | (uniform & mask);
            if (options.Plain)
            {
                vmm.Store(States, word, armed);
                return;
            }

            if (vmm.CompareExchange(States, word, old, armed) == old)
            {
                return;
            }

            vmm.Count(RetriesEvent);
        }
    }
}
