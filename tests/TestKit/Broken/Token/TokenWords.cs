using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Regions and numbers of the small token-keyed encoding.</summary>
internal static class TokenWords
{
    public const uint Ready = 0xd6;

    public static Region Bitmap => new(0);

    /// <summary>1 = completed; freed on delivery.</summary>
    public static Region Completed => new(1);

    public static IReadOnlyList<RegionSpec> Regions =>
    [
        new("userfault_bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1,
            "1 = a fault exits to userspace.") { Holds = WordKind.Number },
        new("completed", RegionOwner.KvmPrivate, RegionScope.PerApf, 32, 1,
            "1 = completed and not delivered.") { Holds = WordKind.Number },
    ];
}
