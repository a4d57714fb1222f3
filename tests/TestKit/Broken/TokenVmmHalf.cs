using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>When a broken VMM clears the bit.</summary>
internal enum ClearPoint : byte
{
    /// <summary>When the content is there: right.</summary>
    ContentArrived,
    /// <summary>When the content is there, but without release.</summary>
    ContentArrivedRelaxed,
    /// <summary>At the exit, before anything was fetched.</summary>
    Exit,
    /// <summary>When the fetch is issued.</summary>
    FetchStarted,
}

/// <summary>A VMM half that is right unless told otherwise.</summary>
/// <param name="readies">How many READYs each token gets; 1 is right.</param>
/// <param name="clears">When the bit is cleared.</param>
internal sealed class TokenVmmHalf<TVmm>(int readies, ClearPoint clears) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly int _readies = readies;
    private readonly ClearPoint _clears = clears;

    public void OnArm(TVmm vmm, ArmRequest request) => TokenWords.Arm(vmm, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if (_clears == ClearPoint.Exit)
        {
            TokenWords.Clear(vmm, exit.Gfn);
        }

        if ((exit.Flags & TokenWords.AsyncPf) == 0)
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

    public void OnFetchStarted(TVmm vmm, FetchStart start)
    {
        if (_clears == ClearPoint.FetchStarted)
        {
            TokenWords.Clear(vmm, start.Gfn);
        }
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        TokenWords.Clear(vmm, gfn, _clears == ClearPoint.ContentArrivedRelaxed ? MemoryOrder.Relaxed : MemoryOrder.Release);
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

    private void SendReady(TVmm vmm, Waiter waiter)
    {
        if (_readies > 0)
        {
            vmm.Ioctl(waiter.Vcpu, TokenWords.Ready, new IoctlArgument(waiter.Cookie));
        }

        if (_readies > 1)
        {
            vmm.Ioctl(waiter.Vcpu, TokenWords.Ready, new IoctlArgument(waiter.Cookie));
        }
    }
}
