using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Declared regions, flags and the ioctl. Regions: word per APF, then the frame states (packed) or the planes
/// from bit 0 upwards (split).</summary>
internal static class MultiBitLayout
{
    /// <summary>KVM_USERFAULT_READY; a free number of our choice.</summary>
    public const uint Ready = 0xda;

    /// <summary>KVM_MEMORY_EXIT_FLAG_INTERCEPT.</summary>
    public const ulong InterceptFlag = ExitFlags.Own;

    public static Region ApfState => new(0);

    public static Region States => new(1);

    public static Region Plane(int bit) => new(1 + bit);

    /// <summary>Of version 2, behind the regions of version 1.</summary>
    public static Region TrackingEnabled(MultiBitOptions options) => new(FirstRegions(options));

    /// <summary>Of version 2, likewise.</summary>
    public static Region TrackingAgreed(MultiBitOptions options) => new(FirstRegions(options) + 1);

    /// <summary>With eight bits a frame has a byte of its own, so that an update is one plain store.</summary>
    public static GfnPacking Packing(int bits) => new(bits == 8 ? 8 : 64, bits);

    public static IReadOnlyList<RegionSpec> Regions(MultiBitOptions options) => options.Split
        ? [ApfLedger.Spec, .. Enumerable.Range(0, options.Bits).Select(PlaneSpec)]
        : [ApfLedger.Spec, StatesSpec(options.Bits)];

    private static int FirstRegions(MultiBitOptions options) => 1 + (options.Split ? options.Bits : 1);

    private static RegionSpec StatesSpec(int bits) => new("userfault_state", RegionOwner.Shared, RegionScope.PerGfn,
        Packing(bits).WordBits, bits,
            "State of each gfn; written by the VMM, read by KVM at each fault in the slot.")
    {
        Holds =
            WordKind.Number
    };

    private static RegionSpec PlaneSpec(int bit) =>
        new($"userfault_plane{bit}", RegionOwner.Shared, RegionScope.PerGfn, 64, 1,
        $"Bit {bit} of the state of each gfn; written by the VMM, read by KVM at each fault in the slot.");
}
