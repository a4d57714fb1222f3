using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>KVM's half: no frame is userspace's business until its look-up finds nothing.</summary>
internal sealed class InKernelKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;
}
