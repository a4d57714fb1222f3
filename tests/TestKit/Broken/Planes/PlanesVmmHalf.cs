using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Arms frames as predicted, and takes the invitation to start APFs back once a fetch has started.</summary>
internal sealed class PlanesVmmHalf<TVmm>(PlanesFault fault) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly PlanesFault _fault = fault;

    /// <summary>The plane that becomes 1 before the one that becomes 0, here too.</summary>
    public void OnArm(TVmm vmm, ArmRequest request)
    {
        bool sync = request.Prediction == Prediction.Sync;
        FrameBitmap.SetRange(vmm, sync ? PlanesWords.Lower : PlanesWords.Upper, request);
        FrameBitmap.ClearRange(vmm, sync ? PlanesWords.Upper : PlanesWords.Lower, request);
        vmm.Fence();
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if ((exit.Flags & TestFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        if (vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa)))
        {
            return wanted == Handling.HandOff ? ExitAction.Reenter : ExitAction.ResolveFirst;
        }

        FrameReadies.Send(vmm, exit.Vcpu, exit.Gfn.Gpa);
        return ExitAction.ResolveFirst;
    }

    public void OnFetchStarted(TVmm vmm, FetchStart start)
    {
        if ((vmm.Load(PlanesWords.Upper, FrameBitmap.WordOf(start.Gfn)) & FrameBitmap.BitOf(start.Gfn)) == 0)
        {
            return;
        }

        if (_fault.SetsBeforeClears)
        {
            SetLower(vmm, start.Gfn);
        }

        FrameBitmap.Clear(vmm, PlanesWords.Upper, start.Gfn);
        if (!_fault.SetsBeforeClears)
        {
            SetLower(vmm, start.Gfn);
        }
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        FrameBitmap.Clear(vmm, PlanesWords.Upper, gfn);
        FrameBitmap.Clear(vmm, PlanesWords.Lower, gfn);
        FrameReadies.SendAll(vmm, gfn);
    }

    private static void SetLower(TVmm vmm, Gfn gfn) =>
        vmm.FetchOr(PlanesWords.Lower, FrameBitmap.WordOf(gfn), FrameBitmap.BitOf(gfn));
}
