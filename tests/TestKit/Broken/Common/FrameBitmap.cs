using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>One bit for each frame in 64-bit words, as all families here use it.</summary>
internal static class FrameBitmap
{
    private const int FramesPerWord = 64;

    public static ulong WordOf(Gfn gfn) => gfn.Value / FramesPerWord;

    public static ulong BitOf(Gfn gfn) => 1UL << (int)(gfn.Value % FramesPerWord);

    /// <summary>A plain load is enough: a branch on it decides on the mapping. Who decides on several words orders
    /// their loads.</summary>
    /// <returns>False if userspace's memory cannot be read.</returns>
    public static bool TryRead<TKvm>(TKvm kvm, Region bitmap, Gfn gfn, out bool isSet,
        MemoryOrder order = MemoryOrder.Relaxed)
        where TKvm : struct, IKvm
    {
        bool readable = kvm.TryLoad(bitmap, WordOf(gfn), out ulong word, order);
        isSet = (word & BitOf(gfn)) != 0;
        return readable;
    }

    public static void Clear<TVmm>(TVmm vmm, Region bitmap, Gfn gfn, MemoryOrder order = MemoryOrder.Release)
        where TVmm : struct, IVmm =>
        vmm.FetchAnd(bitmap, WordOf(gfn), ~BitOf(gfn), order);

    /// <summary>Two accesses where one would do: what another thread changes in the word between them is
    /// lost.</summary>
    public static void ClearInTwo<TVmm>(TVmm vmm, Region bitmap, Gfn gfn)
        where TVmm : struct, IVmm =>
        vmm.Store(bitmap, WordOf(gfn), vmm.Load(bitmap, WordOf(gfn)) & ~BitOf(gfn), MemoryOrder.Release);

    public static void SetRange<TVmm>(TVmm vmm, Region bitmap, ArmRequest request)
        where TVmm : struct, IVmm
    {
        ulong next = request.First.Value;
        while (NextWord(vmm, 7, request, ref next, out ulong word, out ulong mask))
        {
            vmm.FetchOr(bitmap, word, mask);
        }

        vmm.Fence();
    }

    public static void ClearRange<TVmm>(TVmm vmm, Region bitmap, ArmRequest request)
        where TVmm : struct, IVmm
    {
        ulong next = request.First.Value;
        while (NextWord(vmm, 8, request, ref next, out ulong word, out ulong mask))
        {
            vmm.FetchAnd(bitmap, word, ~mask);
        }
    }

    /// <summary>The range's bits in the word that <paramref name="next"/> lies in, and on to the next word.</summary>
    private static bool NextWord<TVmm>(TVmm vmm, int label, ArmRequest request, ref ulong next, out ulong word,
        out ulong mask)
        where TVmm : struct, IVmm
    {
        vmm.Checkpoint(label, ref next);
        ulong end = request.First.Value + request.Count;
        word = next / FramesPerWord;
        int from = (int)(next % FramesPerWord);
        int to = next >= end ? from : (int)Math.Min(FramesPerWord, (ulong)from + (end - next));
        mask = to == from ? 0 : (ulong.MaxValue << from) & (ulong.MaxValue >> (FramesPerWord - to));
        next += (ulong)(to - from);
        return mask != 0;
    }
}
