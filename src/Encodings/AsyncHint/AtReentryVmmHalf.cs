using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>The VMM's half, inject=at-reentry: answers the offer of the exit in the kvm_run page.</summary>
internal sealed class AtReentryVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnVcpuCreated(TVmm vmm, int vcpu) =>
        vmm.Ioctl(vcpu, VcpuCapability.EnableCap, VcpuCapability.On(AsyncHintLayout.AtReentryCapability));

    public void OnArm(TVmm vmm, ArmRequest request) => UserfaultBitmap.Arm(vmm, AsyncHintLayout.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        // Also the second exit of a refused answer. The waiter entered before the first will get a READY that finds no
        // APF: harmless.
        if ((exit.Flags & ExitFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        // The waiter is entered before KVM_RUN, so a READY may be early (ENOENT), but never missing.
        bool asynchronous = wanted == Handling.HandOff && vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa));
        ulong answer = asynchronous ? AsyncHintLayout.AnswerAsync : AsyncHintLayout.AnswerNone;
        vmm.Store(AsyncHintLayout.Answer, AsyncHintLayout.Answer.At(exit.Vcpu), answer);
        return asynchronous ? ExitAction.Reenter : ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) => ReadyWaiters.Answer(vmm, gfn);
}
