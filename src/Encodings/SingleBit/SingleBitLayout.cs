using UapiLab.Abstractions;

namespace UapiLab.Encodings.SingleBit;

/// <summary>Declared regions and the ioctl; a handle is the position in the list of regions.</summary>
internal static class SingleBitLayout
{
    /// <summary>KVM_ASYNC_PF_USER_READY.</summary>
    public const uint Ready = 0xd6;

    /// <summary>KVM_CAP_ASYNC_PF_USER (variant=repaired): ours, to be assigned.</summary>
    public const int Capability = 0xffff;

    public static Region Bitmap => new(0);

    /// <summary>Only where <see cref="SingleBitOptions.KeepsLedger"/>.</summary>
    public static Region ApfState => new(1);

    /// <summary>Only where <see cref="SingleBitOptions.KeepsLedger"/>: the series as posted asks nobody.</summary>
    public static Region Enabled => new(2);

    public static IReadOnlyList<RegionSpec> Regions(SingleBitOptions options) => options.KeepsLedger
        ? [UserfaultBitmap.Spec, ApfLedger.Spec, VcpuCapability.EnabledSpec] : [UserfaultBitmap.Spec];
}
