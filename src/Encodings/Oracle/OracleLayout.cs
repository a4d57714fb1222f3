using UapiLab.Abstractions;

namespace UapiLab.Encodings.Oracle;

/// <summary>Declared regions and the ioctl; a handle is the position in <see cref="Regions"/>.</summary>
internal static class OracleLayout
{
    /// <summary>KVM_ORACLE_READY: not a proposal, so the number only has to be free.</summary>
    public const uint Ready = 0xdc;

    public static Region Bitmap => new(0);

    public static Region ApfState => new(1);

    public static IReadOnlyList<RegionSpec> Regions => [UserfaultBitmap.Spec, ApfLedger.Spec];
}
