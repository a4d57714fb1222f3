using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>A VMM half of either version that is right unless told otherwise.</summary>
internal sealed class SkewVmmHalf<TVmm>(SkewFault fault, int version) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly SkewFault _fault = fault;
    private readonly int _version = version;

    public void OnVcpuCreated(TVmm vmm, int vcpu)
    {
        if (_version > 1 && vcpu == 0)
        {
            long refused = vmm.Ioctl(vcpu, SkewEncoding.EnableCap, new IoctlArgument(SkewEncoding.TrackWrites, 1));
            vmm.Store(SkewEncoding.Agreed, 0, refused == 0 || !_fault.Negotiates ? 1UL : 0);
        }
    }

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        if (_version == 1 || vmm.Load(SkewEncoding.Agreed, 0) == 0)
        {
            return false;
        }

        FrameBitmap.SetRange(vmm, SkewEncoding.Tracked, new ArmRequest(first, count, Prediction.Intercept));
        return true;
    }

    public void OnArm(TVmm vmm, ArmRequest request) => FrameBitmap.SetRange(vmm, SkewEncoding.Marked, request);

    /// <summary>Version 1 takes a flag that it does not know for a missing page.</summary>
    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if (_version == 1 || (exit.Flags & SkewEncoding.TrackedWrite) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        if (_fault.NotesFirst)
        {
            vmm.WriteSeen(exit.Gfn);
        }

        FrameBitmap.Clear(vmm, SkewEncoding.Tracked, exit.Gfn);
        if (!_fault.NotesFirst)
        {
            vmm.WriteSeen(exit.Gfn);
        }

        return ExitAction.Reenter;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) => FrameBitmap.Clear(vmm, SkewEncoding.Marked, gfn);
}
