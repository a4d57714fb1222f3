using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>The VMM's half: placing the page is telling the kernel, and no fault is ever an exit.</summary>
internal sealed class InKernelVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request)
    {
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
    }
}
