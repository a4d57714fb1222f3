using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>The VMM's half, inject=at-fault: accepts what it hands off; what it resolves itself is completed by
/// re-entry.</summary>
internal sealed class AtFaultVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnVcpuCreated(TVmm vmm, int vcpu) =>
        vmm.Ioctl(vcpu, VcpuCapability.EnableCap, VcpuCapability.On(AsyncHintLayout.AtFaultCapability));

    public void OnArm(TVmm vmm, ArmRequest request) => UserfaultBitmap.Arm(vmm, AsyncHintLayout.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if (wanted == Handling.Resolve || (exit.Flags & ExitFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        // Waiter first: an APF accepted without one would wait for a READY that never comes. The other order of
        // events, READY before ACCEPT, is fine: it completes a pending APF, and ACCEPT of a completed one does nothing.
        if (!vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa)))
        {
            return ExitAction.ResolveFirst;
        }

        long accepted = vmm.Ioctl(exit.Vcpu, AsyncHintLayout.AsyncPf,
            AsyncPfRequest.Of(exit.Gfn.Gpa, AsyncHintLayout.Accept));
        return accepted == 0 ? ExitAction.Reenter : ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) => ReadyWaiters.Answer(vmm, gfn);
}
