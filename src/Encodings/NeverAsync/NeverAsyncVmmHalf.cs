using UapiLab.Abstractions;

namespace UapiLab.Encodings.NeverAsync;

/// <summary>The VMM's half: the vCPU thread resolves each fault itself, whatever the policy would like.</summary>
internal sealed class NeverAsyncVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request) => UserfaultBitmap.Arm(vmm, NeverAsyncLayout.Bitmap, request);

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(TVmm vmm, Gfn gfn) => UserfaultBitmap.Clear(vmm, NeverAsyncLayout.Bitmap, gfn);
}
