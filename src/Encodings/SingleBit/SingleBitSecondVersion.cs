using UapiLab.Abstractions;

namespace UapiLab.Encodings.SingleBit;

/// <summary>Version 2: both values of the bit have a meaning, so there is a second bitmap.</summary>
internal sealed class SingleBitSecondVersion(SingleBitEncoding first, SingleBitOptions options)
    : SecondBitmapVersion(first)
{
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new TrackingKvmHalf<TKvm,
        SingleBitKvmHalf<TKvm>>(new(options), Tracking);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TrackingVmmHalf<TVmm,
        SingleBitVmmHalf<TVmm>>(new(options), Tracking);
}
