using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>Version 2 by a second bitmap, as with single-bit: KVM reads both at each fault and remembers nothing, so
/// that a page may be armed again at any moment.</summary>
internal sealed class AsyncHintSecondVersion(AsyncHintEncoding first, bool atFault) : SecondBitmapVersion(first)
{
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => atFault
        ? new TrackingKvmHalf<TKvm, AtFaultKvmHalf<TKvm>>(new(), Tracking)
        : new TrackingKvmHalf<TKvm, AtReentryKvmHalf<TKvm>>(new(), Tracking);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => atFault
        ? new TrackingVmmHalf<TVmm, AtFaultVmmHalf<TVmm>>(new(), Tracking)
        : new TrackingVmmHalf<TVmm, AtReentryVmmHalf<TVmm>>(new(), Tracking);
}
