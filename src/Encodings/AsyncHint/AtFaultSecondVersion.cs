using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>Version 2 of inject=at-fault: KVM injects before it asks, so it has to know beforehand which frames are not
/// for paging. That takes a second bitmap, as with single-bit.</summary>
internal sealed class AtFaultSecondVersion(AsyncHintEncoding first) : SecondBitmapVersion(first)
{
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new TrackingKvmHalf<TKvm, AtFaultKvmHalf<TKvm>>(new(), Tracking);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TrackingVmmHalf<TVmm, AtFaultVmmHalf<TVmm>>(new(), Tracking);
}
