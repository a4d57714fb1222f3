using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>Version 2 of the VMM's half, by a second bitmap.</summary>
/// <typeparam name="TVmm">The world.</typeparam>
/// <typeparam name="TFirst">Version 1.</typeparam>
internal sealed class TrackingVmmHalf<TVmm, TFirst>(TFirst first, TrackingRegions regions) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
    where TFirst : class, IVmmHalf<TVmm>
{
    private readonly TFirst _first = first;
    private readonly TrackingRegions _regions = regions;

    public void OnVcpuCreated(TVmm vmm, int vcpu)
    {
        TrackingCapability.Ask(vmm, _regions.Agreed, vcpu);
        _first.OnVcpuCreated(vmm, vcpu);
    }

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        if (!TrackingCapability.IsAgreed(vmm, _regions.Agreed))
        {
            return false;
        }

        UserfaultBitmap.Arm(vmm, _regions.Bitmap, new ArmRequest(first, count, Prediction.Intercept));
        return true;
    }

    /// <summary>The frame is in the list of written ones before KVM can map it for writing. There is nothing to fetch,
    /// and no APF.</summary>
    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if ((exit.Flags & ExitFlags.TrackedWrite) == 0)
        {
            return _first.OnExit(vmm, exit, wanted);
        }

        vmm.WriteSeen(exit.Gfn);
        UserfaultBitmap.Clear(vmm, _regions.Bitmap, exit.Gfn);
        return ExitAction.Reenter;
    }

    public void OnArm(TVmm vmm, ArmRequest request) => _first.OnArm(vmm, request);

    public void OnContentArrived(TVmm vmm, Gfn gfn) => _first.OnContentArrived(vmm, gfn);

    public void OnFetchStarted(TVmm vmm, FetchStart start) => _first.OnFetchStarted(vmm, start);

    public void OnEventfd(TVmm vmm, int eventfd) => _first.OnEventfd(vmm, eventfd);
}
