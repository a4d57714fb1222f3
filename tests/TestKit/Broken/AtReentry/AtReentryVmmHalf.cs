using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Answers the offer of an exit before KVM_RUN. It is right: the faults of this family are KVM's.</summary>
internal sealed class AtReentryVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request) => FrameBitmap.SetRange(vmm, AtReentryWords.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if ((exit.Flags & TestFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        bool handsOff = wanted == Handling.HandOff && vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa));
        vmm.Store(AtReentryWords.Answer, AtReentryWords.Answer.At(exit.Vcpu), handsOff ? 1UL : 0);
        return handsOff ? ExitAction.Reenter : ExitAction.ResolveFirst;
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        FrameBitmap.Clear(vmm, AtReentryWords.Bitmap, gfn);
        FrameReadies.SendAll(vmm, gfn);
    }
}
