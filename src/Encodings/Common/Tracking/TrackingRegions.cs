using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>What version 2 by a second bitmap appends to the regions of version 1.</summary>
/// <param name="First">How many version 1 has.</param>
internal readonly record struct TrackingRegions(int First)
{
    public const string BitmapName = "tracked_bitmap";

    public Region Enabled => new(First);

    public Region Agreed => new(First + 1);

    public Region Bitmap => new(First + 2);

    public static IReadOnlyList<RegionSpec> Specs =>
    [
        TrackingCapability.EnabledSpec,
        TrackingCapability.AgreedSpec,
        new(BitmapName, RegionOwner.Shared, RegionScope.PerGfn, 64, 1,
            "1 = the first write to a present gfn exits to userspace; written by the VMM, read by KVM at each fault "
                + "in the slot.") { Holds = WordKind.Number },
    ];
}
