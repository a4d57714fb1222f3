namespace UapiLab.Harness.Uapi.Diff;

/// <summary>Compares two versions of a uAPI: what old binaries still find, and why not.</summary>
public static class UapiDiff
{
    /// <summary>Every change: structures, then macros, then shared memory.</summary>
    public static IReadOnlyList<UapiChange> Compare(UapiModel old, UapiModel now)
    {
        // linux/kvm.h is known here only in part: what it has and an encoding does not name is still there, and what an
        // encoding names is not new.
        var removals = old.Description.FullName != UapiModel.UpstreamName;
        now = removals ? now
            : now with
            {
                Description =
            now.Description with { Ioctls = [.. now.Description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name))] }
            };
        return [.. StructDiff.Compare(old, now, removals), .. MacroDiff.Compare(old, now),
            .. RegionDiff.Compare(old, now)];
    }

    /// <summary>Changes of structures that both have.</summary>
    internal static IEnumerable<UapiChange> Structs(UapiModel old, UapiModel now) =>
        StructDiff.Compare(old, now, removals: false).Where(c => c.Class != ChangeClass.Addition);
}
