namespace UapiLab.Harness.Uapi;

/// <summary>Compares two versions of a uAPI: what old binaries still find, and why not.</summary>
public static class UapiDiff
{
    /// <summary>Every change: structures, then macros, then shared memory.</summary>
    public static IReadOnlyList<UapiChange> Compare(UapiModel old, UapiModel now)
    {
        // linux/kvm.h is known here only in part: what an encoding does not name is still there.
        var removals = old.Description.FullName != UapiModel.UpstreamName;
        return [.. StructDiff.Compare(old, now, removals), .. MacroDiff.Compare(old, now), .. RegionDiff.Compare(old, now)];
    }

    /// <summary>Changes of structures that both have.</summary>
    internal static IEnumerable<UapiChange> Structs(UapiModel old, UapiModel now) =>
        StructDiff.Compare(old, now, removals: false).Where(c => c.Class != ChangeClass.Addition);
}
