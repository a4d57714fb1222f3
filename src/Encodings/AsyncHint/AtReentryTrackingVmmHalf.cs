using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>The VMM's half of version 2, inject=at-reentry: it keeps to itself which frames it tracks, and answers
/// their exits.</summary>
internal sealed class AtReentryTrackingVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private readonly AtReentryVmmHalf<TVmm> _first = new();

    public void OnVcpuCreated(TVmm vmm, int vcpu)
    {
        TrackingCapability.Ask(vmm, AsyncHintLayout.TrackingAgreed, vcpu);
        _first.OnVcpuCreated(vmm, vcpu);
    }

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        if (!TrackingCapability.IsAgreed(vmm, AsyncHintLayout.TrackingAgreed))
        {
            return false;
        }

        var frames = new ArmRequest(first, count, Prediction.Intercept);
        UserfaultBitmap.Arm(vmm, AsyncHintLayout.Tracked, frames);
        UserfaultBitmap.Arm(vmm, AsyncHintLayout.Bitmap, frames);
        return true;
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        ulong tracked = vmm.Load(AsyncHintLayout.Tracked, GfnPacking.Bitmap.WordOf(exit.Gfn), MemoryOrder.Acquire);
        if (GfnPacking.Bitmap.Extract(tracked, exit.Gfn) == 0)
        {
            return _first.OnExit(vmm, exit, wanted);
        }

        bool write = (exit.Flags & ExitFlags.Write) != 0;
        if (write)
        {
            // In the list of written frames first: from the cleared bit on another vCPU can write without an exit.
            vmm.WriteSeen(exit.Gfn);
            UserfaultBitmap.Clear(vmm, AsyncHintLayout.Tracked, exit.Gfn);
            UserfaultBitmap.Clear(vmm, AsyncHintLayout.Bitmap, exit.Gfn);
        }

        vmm.Store(AsyncHintLayout.Answer, AsyncHintLayout.Answer.At(exit.Vcpu), write ? AsyncHintLayout.AnswerNone
            : AsyncHintLayout.AnswerReadOnly);
        return ExitAction.Reenter;
    }

    public void OnArm(TVmm vmm, ArmRequest request) => _first.OnArm(vmm, request);

    public void OnContentArrived(TVmm vmm, Gfn gfn) => _first.OnContentArrived(vmm, gfn);
}
