using UapiLab.Abstractions;

namespace UapiLab.Encodings.Exitless;

/// <summary>Version 2: as for single-bit. A tracked write is an exit, since the vCPU may not go on before the VMM has
/// noted it.</summary>
internal sealed class ExitlessSecondVersion(ExitlessEncoding first, int ring, bool always) : SecondBitmapVersion(first)
{
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new TrackingKvmHalf<TKvm,
        ExitlessKvmHalf<TKvm>>(new(ring, always), Tracking);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TrackingVmmHalf<TVmm,
        ExitlessVmmHalf<TVmm>>(new(ring, always), Tracking);
}
