using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Uapi.Diff;

/// <summary>
/// Compares the direct members of two structures by name. A name that is gone with another in its place, of the same
/// type, is a rename. If the size stays, nothing is gone, and whatever came in stands at or behind the first padding,
/// it is padding put to use, and what happened to the padding itself is part of that.
/// </summary>
internal static class LevelDiff
{
    public static IEnumerable<UapiChange> Compare(string place, Level before, Level after, string resized, Func<string,
        FieldSpec, FieldSpec, IEnumerable<UapiChange>> inner)
    {
        var gone = before.Members.Where(m => after.Find(m.Key) is null).ToList();
        var come = after.Members.Where(m => before.Find(m.Key) is null).ToList();
        var replaced = (from g in gone
                        from c in come
                        where g.Offset == c.Offset
                        select (Gone: g, Come: c)).ToArray();
        gone.RemoveAll(g => replaced.Any(r => r.Gone == g));
        come.RemoveAll(c => replaced.Any(r => r.Come == c));

        var usesPadding = before.Size == after.Size && gone.Count == 0 && come.Count > 0
            && before.Members.FirstOrDefault(m => PaddingNames.Match(m.Key)) is { } padding
            && come.All(c => c.Offset.IsAtLeast(padding.Offset))
            && replaced.All(r => r.Gone.IsSameType(r.Come) || PaddingNames.Match(r.Gone.Key));

        foreach (var (old, now) in replaced)
        {
            yield return old.IsSameType(now)
                ? new(ChangeClass.Rename, $"{place}.{old.Key}", $"is now {now.Key}",
                    "no byte moved; source that names it no longer compiles", SeenByAbidiff: false)
                : usesPadding
                    ? Used(place, now)
                    : new(ChangeClass.Break, $"{place}.{old.Key}",
                        $"is now {now.Key}, {now.Type} instead of {old.Type}",
                        "old programs take its bytes for something else", SeenByAbidiff: true);
        }

        foreach (var member in gone)
        {
            yield return new(ChangeClass.Break, $"{place}.{member.Key}", "removed",
                "old programs still read or write it", SeenByAbidiff: true);
        }

        var kept = before.Members.Where(m => after.Find(m.Key) is not null)
            .Select(m => (Old: m, Now: after.Find(m.Key)!)).ToArray();
        foreach (var (old, now) in kept)
        {
            foreach (var change in Kept(place, old, now, usesPadding, inner))
            {
                yield return change;
            }
        }

        var end = before.Members.Count == 0 ? 0 : before.Members.Max(m => m.Offset.X8664);
        foreach (var member in come)
        {
            yield return usesPadding
                ? Used(place, member)
                : member.Offset.X8664 > end && gone.Count == 0
                    ? new(ChangeClass.Growth, $"{place}.{member.Key}", $"appended at byte {member.Offset}",
                        before.Size == after.Size ? "it takes tail padding that nobody zeroed"
                        : resized, SeenByAbidiff: true)
                    : new(ChangeClass.Break, $"{place}.{member.Key}", $"inserted at byte {member.Offset}",
                        before.Size == after.Size
                        ? "it takes bytes that nobody zeroed, and that are not named as padding"
                        : "what follows it moves", SeenByAbidiff: true);
        }

        // Without a member to blame: an attribute.
        if (before.Size != after.Size && come.Count == 0 && gone.Count == 0
            && kept.All(k => k.Old.Size == k.Now.Size && k.Old.Offset == k.Now.Offset) && replaced.Length == 0)
        {
            yield return new(ChangeClass.Break, place, $"has {after.Size} bytes instead of {before.Size}", resized,
                SeenByAbidiff: true);
        }
    }

    private static IEnumerable<UapiChange> Kept(string place, LevelMember old, LevelMember now, bool usesPadding,
        Func<string, FieldSpec, FieldSpec, IEnumerable<UapiChange>> inner)
    {
        var name = $"{place}.{old.Key}";
        // What is left of padding that was put to use is no news.
        if (usesPadding && PaddingNames.Match(old.Key))
        {
            yield break;
        }

        if (old.Offset != now.Offset)
        {
            yield return new(ChangeClass.Break, name, $"moved from byte {old.Offset} to {now.Offset}",
                "old programs look for it where it was", SeenByAbidiff: true);
        }

        if (!old.IsSameType(now))
        {
            yield return TypeChange.Of(name, old, now);
        }
        else if (old.Field.Members.Count > 0)
        {
            foreach (var change in inner(old.Field.Name.Length > 0 ? name : place, old.Field, now.Field))
            {
                yield return change;
            }
        }
    }

    private static UapiChange Used(string place, LevelMember member) =>
        new(ChangeClass.Padding, $"{place}.{member.Key}", $"takes padding at byte {member.Offset}",
            "sizes and other fields stay; an old program may have left anything in it unless KVM checked",
            SeenByAbidiff: true);
}

/// <summary>A field has another type.</summary>
internal static class TypeChange
{
    public static UapiChange Of(string place, LevelMember old, LevelMember now) => new(
        ChangeClass.Break,
        place,
        $"is {now.Type} instead of {old.Type}",
        old.Size == now.Size ? "the bytes are the same, and mean something else"
            : $"{now.Size} bytes instead of {old.Size}",
        SeenByAbidiff: true);
}
