using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>KVM's half of version 2 with wide states. Until userspace has enabled it, the value is what it was:
/// reserved, and an exit.</summary>
internal sealed class WideTrackingKvmHalf<TKvm>(MultiBitOptions options) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly MultiBitKvmHalf<TKvm> _first = new(options);
    private readonly MultiBitOptions _options = options;

    private Region Enabled => MultiBitLayout.TrackingEnabled(_options);

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        if (!TrackingCapability.IsEnabled(kvm, Enabled))
        {
            return _first.OnGuestFault(kvm, fault);
        }

        if (!FrameStates.TryRead(kvm, _options, fault.Gfn, out ulong state))
        {
            return FaultAnswer.Error(Errno.Fault);
        }

        return state != FrameState.Tracked ? _first.OnGuestFault(kvm, fault)
            : fault.Access == AccessKind.Write ? FaultAnswer.Exit(ExitFlags.TrackedWrite)
            : new FaultAnswer(FaultVerdict.MapReadOnly);
    }

    public long OnIoctl(TKvm kvm, IoctlCall call) => TrackingCapability.IsFor(call)
        ? TrackingCapability.Set(kvm, Enabled, call).Negated()
        : _first.OnIoctl(kvm, call);

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) => _first.OnApfDelivered(kvm, vcpu, apf);

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        _first.OnQueueClearing(kvm, vcpu, reason);
}
