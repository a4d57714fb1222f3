using UapiLab.Abstractions;

namespace UapiLab.Encodings.SingleBit;

/// <summary>The VMM's half: every token it is given gets a READY, also where the page is resolved before KVM_RUN: the
/// guest task sleeps on the token in either case.</summary>
internal sealed class SingleBitVmmHalf<TVmm>(SingleBitOptions options) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly SingleBitOptions _options = options;

    /// <summary>The series as posted has nothing to ask for. Who is refused goes on: no exit will say that an APF was
    /// started.</summary>
    public void OnVcpuCreated(TVmm vmm, int vcpu)
    {
        if (_options.KeepsLedger)
        {
            vmm.Ioctl(vcpu, VcpuCapability.EnableCap, VcpuCapability.On(SingleBitLayout.Capability));
        }
    }

    public void OnArm(TVmm vmm, ArmRequest request) => UserfaultBitmap.Arm(vmm, SingleBitLayout.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if ((exit.Flags & ExitFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        if (vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Extra)))
        {
            return wanted == Handling.HandOff ? ExitAction.Reenter : ExitAction.ResolveFirst;
        }

        // The content is there and no thread will come back for this token. ResolveFirst costs nothing now, and makes
        // sure that the bit is clear before the guest tries again.
        vmm.Ioctl(exit.Vcpu, SingleBitLayout.Ready, new IoctlArgument(exit.Extra));
        return ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        UserfaultBitmap.Clear(vmm, SingleBitLayout.Bitmap, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            // That there is no such APF is normal: the vCPU may have dropped its queue since.
            vmm.Ioctl(waiter.Vcpu, SingleBitLayout.Ready, new IoctlArgument(waiter.Cookie));
        }
    }
}
