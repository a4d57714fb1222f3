using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Diff;

/// <summary>Compares structures on every ABI. The classes agree with abidiff and with check-uapi's exemptions; tests
/// hold them to abidiff.</summary>
internal static class StructDiff
{
    public static IEnumerable<UapiChange> Compare(UapiModel old, UapiModel now, bool removals)
    {
        foreach (var before in old.Description.Structs)
        {
            if (now.Find(before.Name) is not { } after)
            {
                if (removals)
                {
                    yield return new(ChangeClass.Break, before.Name, "removed",
                        "programs that use it no longer compile, and what they send has no meaning any more",
                        SeenByAbidiff: true);
                }

                continue;
            }

            foreach (var change in Members(before.Name, Level.Of(before), Level.Of(after),
                Resized(before.Name, old, now)))
            {
                yield return change;
            }
        }

        foreach (var added in now.Description.Structs.Where(s => old.Find(s.Name) is null
            && (removals || UapiModel.Existing(s.Name) is null)))
        {
            yield return new(ChangeClass.Addition, added.Name, "new structure", "nothing used it before",
                SeenByAbidiff: true);
        }
    }

    private static IEnumerable<UapiChange> Members(string place, Level? before, Level? after, string resized)
    {
        if (before is null || after is null)
        {
            return [new(ChangeClass.Break, place, "has a type that cannot be laid out", "its layout is not known",
                SeenByAbidiff: false)];
        }

        return before.IsUnion ? UnionDiff.Compare(place, before, after, Inner)
            : LevelDiff.Compare(place, before, after, resized, Inner);

        static IEnumerable<UapiChange> Inner(string name, FieldSpec from, FieldSpec to) =>
            Members(name, Level.Of(from), Level.Of(to),
                "old programs do not look at it; what surrounds it keeps its place if nothing else is reported");
    }

    // The size of the argument is part of an ioctl's number.
    private static string Resized(string structure, UapiModel old, UapiModel now) =>
        old.Description.Ioctls.Concat(now.Description.Ioctls).FirstOrDefault(i => i.Struct == structure) is { } ioctl
            ? $"{ioctl.Name} gets another number with it, and old programs get "
                + $"-{Errnos.Name(Errnos.OfUnknown(ioctl.Target))}"
            : "programs that embed it or have arrays of it find everything behind it elsewhere";
}
