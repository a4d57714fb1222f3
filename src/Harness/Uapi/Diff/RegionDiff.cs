using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Diff;

/// <summary>Compares shared memory behind pointers, which no header describes.</summary>
internal static class RegionDiff
{
    public static IEnumerable<UapiChange> Compare(UapiModel old, UapiModel now)
    {
        foreach (var before in old.Regions.Where(r => r.Owner == RegionOwner.Shared))
        {
            var after = now.Regions.FirstOrDefault(r => r.Owner == RegionOwner.Shared && r.Name == before.Name);
            if (after is null)
            {
                yield return new(ChangeClass.Break, before.Name, "shared memory removed",
                    "old programs still write to it, and KVM no longer looks", SeenByAbidiff: false);
            }
            else if (Shape(before) != Shape(after))
            {
                yield return new(ChangeClass.Break, before.Name, $"{Shape(after)} instead of {Shape(before)}",
                    "old programs put the state of a frame where KVM looks for another", SeenByAbidiff: false);
            }
        }

        foreach (var added in now.Regions.Where(r => r.Owner == RegionOwner.Shared
            && old.Regions.All(o => o.Name != r.Name)))
        {
            yield return new(ChangeClass.Addition, added.Name, $"new shared memory: {Shape(added)}",
                "nothing used it before", SeenByAbidiff: false);
        }
    }

    private static string Shape(RegionSpec region) => region.Scope == RegionScope.PerGfn
        ? Invariant($"{region.Count} {(region.Count == 1 ? "bit" : "bits")} per frame in words of {region.WordBits}")
        : Invariant(
            $"{region.Count} {(region.Count == 1 ? "word" : "words")} of {region.WordBits} bits, {region.Scope}");
}
