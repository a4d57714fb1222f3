using UapiLab.Abstractions;

namespace UapiLab.Encodings.Exitless;

/// <summary>A lock among the VMM's own threads, in one of its private words.</summary>
internal static class SpinLock
{
    public static void Take<TVmm>(TVmm vmm, Region word, int vcpu, int label)
        where TVmm : struct, IVmm
    {
        while (vmm.CompareExchange(word, word.At(vcpu), 0, 1, MemoryOrder.Acquire) != 0)
        {
            vmm.Checkpoint(label);
        }
    }

    public static void Release<TVmm>(TVmm vmm, Region word, int vcpu)
        where TVmm : struct, IVmm =>
        vmm.Store(word, word.At(vcpu), 0, MemoryOrder.Release);
}
