using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>The VMM's half: writes what it predicts into the frame's state, before the fault.</summary>
internal sealed class MultiBitVmmHalf<TVmm>(MultiBitOptions options) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly MultiBitOptions _options = options;

    public void OnArm(TVmm vmm, ArmRequest request) =>
        FrameStates.Set(vmm, _options, request.First, request.Count, _options.ArmedState(request.Prediction));

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if ((exit.Flags & ExitFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        if (vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa)))
        {
            return wanted == Handling.HandOff ? ExitAction.Reenter : ExitAction.ResolveFirst;
        }

        // The content is there and no thread will come back for this vCPU. ResolveFirst costs nothing now, and makes
        // sure that the frame is present before the guest tries again.
        vmm.Ioctl(exit.Vcpu, MultiBitLayout.Ready, new IoctlArgument(exit.Gfn.Gpa));
        return ExitAction.ResolveFirst;
    }

    public void OnFetchStarted(TVmm vmm, FetchStart start)
    {
        if (start.Prediction == Prediction.SoonThere)
        {
            FrameStates.MarkInFlight(vmm, _options, start.Gfn);
        }
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        FrameStates.Publish(vmm, _options, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            // ENOENT is normal: the vCPU may have dropped its queue since.
            vmm.Ioctl(waiter.Vcpu, MultiBitLayout.Ready, new IoctlArgument(waiter.Cookie));
        }
    }
}
