using UapiLab.Abstractions;

namespace UapiLab.Encodings.Oracle;

/// <summary>The VMM's half: every task that was told of an APF gets a READY, also where the policy resolves
/// first.</summary>
internal sealed class OracleVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request) => UserfaultBitmap.Arm(vmm, OracleLayout.Bitmap, request);

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

        vmm.Ioctl(exit.Vcpu, OracleLayout.Ready, new IoctlArgument(exit.Gfn.Gpa));
        return ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        UserfaultBitmap.Clear(vmm, OracleLayout.Bitmap, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            vmm.Ioctl(waiter.Vcpu, OracleLayout.Ready, new IoctlArgument(waiter.Cookie));
        }
    }
}
