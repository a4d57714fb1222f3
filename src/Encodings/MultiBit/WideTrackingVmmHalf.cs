using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>The VMM's half of version 2 with wide states.</summary>
internal sealed class WideTrackingVmmHalf<TVmm>(MultiBitOptions options) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly MultiBitVmmHalf<TVmm> _first = new(options);
    private readonly MultiBitOptions _options = options;

    public void OnVcpuCreated(TVmm vmm, int vcpu) =>
        TrackingCapability.Ask(vmm, MultiBitLayout.TrackingAgreed(_options), vcpu);

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        if (!TrackingCapability.IsAgreed(vmm, MultiBitLayout.TrackingAgreed(_options)))
        {
            return false;
        }

        FrameStates.Set(vmm, _options, first, count, FrameState.Tracked);
        return true;
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if ((exit.Flags & ExitFlags.TrackedWrite) == 0)
        {
            return _first.OnExit(vmm, exit, wanted);
        }

        vmm.WriteSeen(exit.Gfn);
        FrameStates.Publish(vmm, _options, exit.Gfn);
        return ExitAction.Reenter;
    }

    public void OnArm(TVmm vmm, ArmRequest request) => _first.OnArm(vmm, request);

    public void OnContentArrived(TVmm vmm, Gfn gfn) => _first.OnContentArrived(vmm, gfn);

    public void OnFetchStarted(TVmm vmm, FetchStart start) => _first.OnFetchStarted(vmm, start);
}
