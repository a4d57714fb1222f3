using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Diff;

/// <summary>Compares macros by name: none of it is in a compiled header, so that abidiff sees nothing of it.</summary>
internal static class MacroDiff
{
    public static IEnumerable<UapiChange> Compare(UapiModel old, UapiModel now) =>
    [
        .. Capabilities(old.Description, now.Description),
        .. Values("flag", old.Description.Flags, now.Description.Flags, f => f.Name,
            f => Invariant($"bit {f.Bit} of {f.Field}")),
        .. Ioctls(old, now),
        .. Values("operation", Operations(old), Operations(now), o => o.Name, o => Invariant($"{o.Value}")),
        .. Values("value", old.Description.Constants, now.Description.Constants, c => c.Name,
            c => Invariant($"{c.Value} of {c.Field}")),
    ];

    private static IEnumerable<UapiChange> Capabilities(EncodingDescription old, EncodingDescription now)
    {
        foreach (var change in Values("capability", old.Capabilities, now.Capabilities, c => c.Name,
            c => Invariant($"number {c.Number}")))
        {
            yield return change;
        }

        foreach (var (before, after) in Pairs(old.Capabilities, now.Capabilities, c => c.Name)
            .Where(p => p.Old.Enable != p.Now.Enable))
        {
            yield return new(
                ChangeClass.Break, after.Name, $"is switched on by '{after.Enable}' instead of '{before.Enable}'",
                "a program that did what was enough before no longer gets the same", SeenByAbidiff: false);
        }
    }

    private static IEnumerable<UapiChange> Ioctls(UapiModel old, UapiModel now)
    {
        foreach (var change in Values("ioctl", old.Description.Ioctls, now.Description.Ioctls, i => i.Name,
            i => Invariant($"_IO{i.Direction} 0x{i.Number:x2} struct {i.Struct}")))
        {
            yield return change;
        }

        foreach (var (before, after) in Pairs(old.Description.Ioctls, now.Description.Ioctls, i => i.Name))
        {
            if (before.Target != after.Target)
            {
                yield return new(ChangeClass.Break, after.Name,
                    $"is called on another file descriptor ({after.Target} instead of {before.Target})",
                    $"old programs get -{Errnos.Name(Errnos.OfUnknown(before.Target))}", SeenByAbidiff: false);
            }

            foreach (var error in after.Errors.Select(e => e.Errno).Except(before.Errors.Select(e => e.Errno)))
            {
                yield return new(ChangeClass.Growth, after.Name, $"can now fail with {Errnos.Name(error)}",
                    "old programs do not expect it", SeenByAbidiff: false);
            }
        }
    }

    private static IEnumerable<UapiChange> Values<T>(string kind, IEnumerable<T> old, IEnumerable<T> now, Func<T,
        string> name, Func<T, string> value)
    {
        var before = old.ToArray();
        var after = now.ToArray();
        foreach (var gone in before.Where(b => after.All(a => name(a) != name(b))))
        {
            yield return new(ChangeClass.Break, name(gone), $"{kind} removed",
                "source that names it no longer compiles, and what old programs ask for is not there",
                SeenByAbidiff: false);
        }

        foreach (var (was, item) in Pairs(before, after, name).Where(p => value(p.Old) != value(p.Now)))
        {
            yield return new(ChangeClass.Break, name(item), $"{kind} is {value(item)} instead of {value(was)}",
                "old programs say something else with it", SeenByAbidiff: false);
        }

        foreach (var added in after.Where(a => before.All(b => name(a) != name(b))))
        {
            yield return new(ChangeClass.Addition, name(added), $"new {kind}: {value(added)}", "nothing used it before",
                SeenByAbidiff: false);
        }
    }

    private static IEnumerable<(T Old, T Now)> Pairs<T>(IEnumerable<T> old, IEnumerable<T> now, Func<T, string> name) =>
        from before in old
        join after in now on name(before) equals name(after)
        select (before, after);

    private static IEnumerable<OperationSpec> Operations(UapiModel model) =>
        model.Description.Ioctls.SelectMany(i => i.Operations).DistinctBy(o => o.Name);
}
