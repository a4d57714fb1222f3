using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Two planes of one bit per frame: 0 present, 1 exit, 2 start an APF. When a fetch starts, 2 becomes 1: the
/// lower bit is set and then the upper one cleared, so a reader has to look at the upper one first.</summary>
internal sealed class PlanesEncoding(string id, string summary, PlanesFault fault) : Encoding
{
    public override EncodingDescription Description =>
        TestFlags.Describe(id, summary, 2, "present", "fault-sync", "fault-async", "changing");

    public override IReadOnlyList<RegionSpec> Regions =>
    [
        new("lower", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "Bit 0 of the state of each frame.") { Holds =
            WordKind.Number },
        new("upper", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "Bit 1.") { Holds = WordKind.Number },
        FrameApf.Spec,
    ];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new PlanesKvmHalf<TKvm>(fault);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new PlanesVmmHalf<TVmm>(fault);
}

/// <summary>Handles of its regions.</summary>
internal static class PlanesWords
{
    public static Region Lower => new(0);

    public static Region Upper => new(1);

    public static Region Apfs => new(2);
}
