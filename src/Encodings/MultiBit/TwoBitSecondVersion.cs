using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Version 2 with two bits: all four values have a meaning, so there is a bitmap beside them.</summary>
internal sealed class TwoBitSecondVersion(MultiBitEncoding first, MultiBitOptions options) : SecondBitmapVersion(first)
{
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new TrackingKvmHalf<TKvm,
        MultiBitKvmHalf<TKvm>>(new(options), Tracking);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TrackingVmmHalf<TVmm,
        MultiBitVmmHalf<TVmm>>(new(options), Tracking);
}
