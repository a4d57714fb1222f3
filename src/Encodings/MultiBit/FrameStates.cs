using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>The states of all frames, in whichever layout the options say.</summary>
internal static class FrameStates
{
    /// <returns>False if userspace's memory cannot be read.</returns>
    public static bool TryRead<TKvm>(TKvm kvm, MultiBitOptions options, Gfn gfn, out ulong state)
        where TKvm : struct, IKvm =>
        options.Split ? SplitStates.TryRead(kvm, options, gfn, out state) : PackedStates.TryRead(kvm, options, gfn, out state);

    public static void Arm<TVmm>(TVmm vmm, MultiBitOptions options, ArmRequest request)
        where TVmm : struct, IVmm
    {
        if (options.Split)
        {
            SplitStates.Arm(vmm, options, request);
        }
        else
        {
            PackedStates.Arm(vmm, options, request);
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
