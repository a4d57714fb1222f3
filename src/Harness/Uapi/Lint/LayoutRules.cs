using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;
using static UapiLab.Harness.Uapi.Lint.LintRule;
using Problems = System.Collections.Generic.IEnumerable<(string Place, string Text)>;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Rules about how a structure lies in memory.</summary>
internal static class LayoutRules
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new("implicit-padding", Severity.Error,
            "A structure has no padding that the compiler puts in: it is copied out uninitialised and differs "
                + "between ABIs.",
            Sources.Ioctl, ImplicitPadding),
        new("width-dependent-type", Severity.Error,
            "Fields have a fixed width: no long, pointer, enum, bit-field or plain char.",
            Sources.Ioctl, WidthDependentType),
        new("width-dependent-target", Severity.Warning,
            "What a user pointer addresses has a fixed width, too: bits of an array of long have another order on "
                + "32-bit and on big-endian machines.",
            Sources.Ioctl, WidthDependentTarget),
        new("pointer-as-integer", Severity.Error,
            "A user pointer is carried in a __u64.",
            Sources.Ioctl, PointerAsInteger),
        new("compat-layout", Severity.Error,
            "A structure is laid out alike for 32-bit and 64-bit userspace; otherwise KVM needs a compat handler.",
            Sources.Ioctl, CompatLayout),
        new("declared-layout", Severity.Error,
            "Offsets and sizes are what the description says they are.",
            Sources.C, DeclaredLayout),
    ];

    private static Problems ImplicitPadding(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            foreach (var abi in Abi.All)
            {
                var known = UapiModel.Existing(structure.Name) is { } existing ? Holes(existing, abi).ToArray() : [];
                foreach (var (place, text) in Holes(structure, abi).Except(known))
                {
                    yield return (place, text);
                }
            }
        }
    }

    private static Problems Holes(StructSpec structure, Abi abi)
    {
        if (Layouts.Place(structure, abi) is not { } placed)
        {
            yield break;
        }

        foreach (var field in placed.Fields)
        {
            if (field.Gap > 0)
            {
                yield return At($"{structure.Name}.{field.Path}",
                    $"{field.Gap} bytes of implicit padding before it on {abi.Name}");
            }

            if (field.Tail > 0)
            {
                yield return At($"{structure.Name}.{field.Path}",
                    $"{field.Tail} bytes of implicit padding at its end on {abi.Name}");
            }
        }

        if (placed.Tail > 0)
        {
            yield return At(structure.Name, $"{placed.Tail} bytes of implicit padding at its end on {abi.Name}");
        }
    }

    private static Problems WidthDependentType(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            var known = UapiModel.Existing(structure.Name) is { } existing ? Loose(existing.Fields).ToArray() : [];
            foreach (var field in Loose(structure.Fields)
                .Where(f => !known.Any(k => k.Name == f.Name && k.Type == f.Type)))
            {
                yield return ($"{structure.Name}.{field.Name}",
                    $"its type is {field.Type}, expected __u8 to __u64 or __s8 to __s64");
            }
        }
    }

    private static IEnumerable<FieldSpec> Loose(IEnumerable<FieldSpec> fields) =>
        LintSubject.Flatten(fields).Where(f => f.Members.Count == 0 && !CScalar.IsFixedWidth(f.Type));

    private static Problems WidthDependentTarget(LintSubject subject) =>
        from structure in subject.Description.Structs
        from field in LintSubject.Flatten(structure.Fields)
        where field.PointsTo.Length > 0 && field.PointsTo != "void" && !CScalar.IsFixedWidth(field.PointsTo)
        select ($"{structure.Name}.{field.Name}", $"points to {field.PointsTo}: "
            + "which bit of which byte is meant depends on its width on big-endian machines");

    private static Problems PointerAsInteger(LintSubject subject) =>
        from structure in subject.Description.Structs
        from field in LintSubject.Flatten(structure.Fields)
        where field.PointsTo.Length > 0 && field.Type is not ("__u64" or "__aligned_u64")
        select ($"{structure.Name}.{field.Name}", $"holds a user pointer in a {field.Type}, expected __u64");

    private static Problems CompatLayout(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            var known = UapiModel.Existing(structure.Name) is { } existing ? Differences(existing).ToArray() : [];
            // One difference moves all that follows; the first says enough.
            foreach (var difference in Differences(structure).Except(known).Take(1))
            {
                yield return difference;
            }
        }
    }

    private static Problems Differences(StructSpec structure)
    {
        if (Layouts.Place(structure, Abi.X8664) is not { } wide || Layouts.Place(structure, Abi.I386) is not { } narrow)
        {
            yield break;
        }

        foreach (var (w, n) in wide.Fields.Zip(narrow.Fields))
        {
            if (w.Offset != n.Offset)
            {
                yield return At($"{structure.Name}.{w.Path}", $"at byte {w.Offset} on x86-64 and {n.Offset} on i386");
            }

            if (w.Size != n.Size)
            {
                yield return At($"{structure.Name}.{w.Path}", $"{w.Size} bytes on x86-64 and {n.Size} on i386");
            }
        }

        if (wide.Size != narrow.Size)
        {
            yield return At(structure.Name, $"{wide.Size} bytes on x86-64 and {narrow.Size} on i386");
        }
    }

    private static Problems DeclaredLayout(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            if (Layouts.Place(structure, Abi.X8664) is not { } placed)
            {
                yield return (structure.Name, "has a field whose type cannot be laid out");
                continue;
            }

            foreach (var (field, declared) in placed.Fields.Zip(DeclaredOffsets(structure.Fields, 0)))
            {
                if (field.Offset != declared)
                {
                    yield return At($"{structure.Name}.{field.Path}",
                        $"declared at byte {declared}, and gcc puts it at {field.Offset}");
                }
            }

            if (placed.Size != structure.Size)
            {
                yield return At(structure.Name,
                    $"declared with {structure.Size} bytes, and gcc makes it {placed.Size}");
            }
        }
    }

    private static IEnumerable<int> DeclaredOffsets(IEnumerable<FieldSpec> fields, int start) =>
        fields.SelectMany(f => DeclaredOffsets(f.Members, start + f.Offset).Prepend(start + f.Offset));
}
