using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>A VMM half that is right unless told otherwise.</summary>
internal sealed class TokenVmmHalf<TVmm>(TokenFault fault) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly TokenFault _fault = fault;

    public void OnArm(TVmm vmm, ArmRequest request) => FrameBitmap.SetRange(vmm, TokenWords.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        ClearIf(vmm, ClearPoint.Exit, exit.Gfn);
        if ((exit.Flags & TestFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        if (vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Extra)))
        {
            return wanted == Handling.HandOff ? ExitAction.Reenter : ExitAction.ResolveFirst;
        }

        SendReady(vmm, new Waiter(exit.Vcpu, exit.Extra));
        return ExitAction.ResolveFirst;
    }

    public void OnFetchStarted(TVmm vmm, FetchStart start) => ClearIf(vmm, ClearPoint.FetchStarted, start.Gfn);

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        ClearIf(vmm, ClearPoint.ContentArrived, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            SendReady(vmm, waiter);
        }
    }

    private void ClearIf(TVmm vmm, ClearPoint now, Gfn gfn)
    {
        if (_fault.Clears != now)
        {
            return;
        }

        if (_fault.ClearsAtomically)
        {
            FrameBitmap.Clear(vmm, TokenWords.Bitmap, gfn, _fault.ClearOrder);
        }
        else
        {
            FrameBitmap.ClearInTwo(vmm, TokenWords.Bitmap, gfn);
        }
    }

    private void SendReady(TVmm vmm, Waiter waiter)
    {
        if (_fault.Readies > 0)
        {
            vmm.Ioctl(waiter.Vcpu, TokenWords.Ready, new IoctlArgument(waiter.Cookie));
        }

        if (_fault.Readies > 1)
        {
            vmm.Ioctl(waiter.Vcpu, TokenWords.Ready, new IoctlArgument(waiter.Cookie));
        }
    }
}
