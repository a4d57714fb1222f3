using UapiLab.Abstractions;

namespace UapiLab.Encodings.Exitless;

/// <summary>A lock among the VMM's own threads that none waits for, in one of its private words.</summary>
internal static class TryLock
{
    public static bool Take<TVmm>(TVmm vmm, Region word, int vcpu)
        where TVmm : struct, IVmm =>
        vmm.CompareExchange(word, word.At(vcpu), 0, 1, MemoryOrder.Acquire) == 0;

    public static void Release<TVmm>(TVmm vmm, Region word, int vcpu)
        where TVmm : struct, IVmm =>
        vmm.Store(word, word.At(vcpu), 0, MemoryOrder.Release);
}
