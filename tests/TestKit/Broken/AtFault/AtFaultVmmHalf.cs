using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Accepts what it hands off, and says READY when the content is there.</summary>
internal sealed class AtFaultVmmHalf<TVmm>(AtFaultFault fault) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly AtFaultFault _fault = fault;

    public void OnArm(TVmm vmm, ArmRequest request) => FrameBitmap.SetRange(vmm, AtFaultWords.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        if (wanted == Handling.Resolve || (exit.Flags & TestFlags.AsyncPf) == 0)
        {
            return ExitAction.ResolveFirst;
        }

        if (!_fault.GpaPerWaiter)
        {
            vmm.Store(AtFaultWords.LastExit, AtFaultWords.LastExit.At(exit.Vcpu), exit.Gfn.Value + 1);
        }

        // Waiter first: one that is refused owes nothing to an APF that was not accepted.
        return _fault.AddsWaiterFirst
            ? And(AddWaiter(vmm, exit), vmm, exit, accept: true)
            : And(Accept(vmm, exit), vmm, exit, accept: false);
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        FrameBitmap.Clear(vmm, AtFaultWords.Bitmap, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            FrameReadies.Send(vmm, waiter.Vcpu, _fault.GpaPerWaiter ? waiter.Cookie : LastExit(vmm, waiter.Vcpu));
        }
    }

    private static ExitAction And(bool first, TVmm vmm, FaultExit exit, bool accept) =>
        first && (accept ? Accept(vmm, exit) : AddWaiter(vmm, exit)) ? ExitAction.Reenter : ExitAction.ResolveFirst;

    private static bool AddWaiter(TVmm vmm, FaultExit exit) =>
        vmm.AddWaiter(exit.Gfn, new Waiter(exit.Vcpu, exit.Gfn.Gpa));

    private static bool Accept(TVmm vmm, FaultExit exit) =>
        vmm.Ioctl(exit.Vcpu, FrameApf.Ioctl, FrameApf.Argument(exit.Gfn.Gpa, FrameApf.Accept)) == 0;

    private static ulong LastExit(TVmm vmm, int vcpu)
    {
        ulong last = vmm.Load(AtFaultWords.LastExit, AtFaultWords.LastExit.At(vcpu));
        return last == 0 ? 0 : new Gfn(last - 1).Gpa;
    }
}
