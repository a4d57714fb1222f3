using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Uapi.Diff;

/// <summary>Compares the members of two unions: a new one does no harm as long as the size stays.</summary>
internal static class UnionDiff
{
    public static IEnumerable<UapiChange> Compare(string place, Level before, Level after, Func<string, FieldSpec,
        FieldSpec, IEnumerable<UapiChange>> inner)
    {
        foreach (var old in before.Members)
        {
            var name = $"{place}.{old.Key}";
            if (after.Find(old.Key) is not { } now)
            {
                yield return new(ChangeClass.Break, name, "removed", "old programs still read or write it",
                    SeenByAbidiff: true);
            }
            else if (!old.IsSameType(now))
            {
                yield return PaddingNames.Match(old.Key) && before.Size == after.Size
                    ? new(ChangeClass.Reported, name, $"is {now.Type} instead of {old.Type}",
                        $"the union keeps its {before.Size} bytes, so that nothing moves; abidiff sees another type",
                        SeenByAbidiff: true)
                    : TypeChange.Of(name, old, now);
            }
            else if (old.Field.Members.Count > 0)
            {
                foreach (var change in inner(name, old.Field, now.Field))
                {
                    yield return change;
                }
            }
        }

        foreach (var added in after.Members.Where(m => before.Find(m.Key) is null))
        {
            yield return new(ChangeClass.Addition, $"{place}.{added.Key}", "new member of the union",
                "the bytes of the others stay where they were", SeenByAbidiff: true);
        }

        if (before.Size != after.Size)
        {
            yield return new(ChangeClass.Break, place, $"has {after.Size} bytes instead of {before.Size}",
                "what follows the union moves", SeenByAbidiff: true);
        }
    }
}
