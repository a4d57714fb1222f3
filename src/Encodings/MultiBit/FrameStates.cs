using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>The states of all frames, in whichever layout the options say.</summary>
internal static class FrameStates
{
    /// <returns>False if userspace's memory cannot be read.</returns>
    public static bool TryRead<TKvm>(TKvm kvm, MultiBitOptions options, Gfn gfn, out ulong state)
        where TKvm : struct, IKvm =>
        options.Split ? SplitStates.TryRead(kvm, options, gfn, out state)
            : PackedStates.TryRead(kvm, options, gfn, out state);

    /// <summary>Puts a range of frames that are not in use into a state.</summary>
    public static void Set<TVmm>(TVmm vmm, MultiBitOptions options, Gfn first, ulong count, ulong state)
        where TVmm : struct, IVmm
    {
        if (options.Split)
        {
            SplitStates.Set(vmm, options, first, count, state);
        }
        else
        {
            PackedStates.Set(vmm, options, first, count, state);
        }

        // The uAPI does not promise that the memslot ioctl orders plain stores made before it.
        vmm.Fence();
    }

    public static void Publish<TVmm>(TVmm vmm, MultiBitOptions options, Gfn gfn)
        where TVmm : struct, IVmm
    {
        if (options.Split)
        {
            SplitStates.Publish(vmm, options, gfn);
        }
        else
        {
            PackedStates.Publish(vmm, options, gfn);
        }
    }

    public static void MarkInFlight<TVmm>(TVmm vmm, MultiBitOptions options, Gfn gfn)
        where TVmm : struct, IVmm
    {
        if (options.Split)
        {
            SplitStates.MarkInFlight(vmm, options, gfn);
        }
        else
        {
            PackedStates.MarkInFlight(vmm, options, gfn);
        }
    }
}
