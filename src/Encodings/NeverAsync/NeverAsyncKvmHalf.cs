using UapiLab.Abstractions;

namespace UapiLab.Encodings.NeverAsync;

/// <summary>KVM's half: a marked frame exits, an unmarked one is mapped.</summary>
internal sealed class NeverAsyncKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!UserfaultBitmap.TryRead(kvm, NeverAsyncLayout.Bitmap, fault.Gfn, out bool exits))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return exits ? FaultAnswer.Exit(ExitFlags.Userfault) : FaultAnswer.Map;
    }
}
