using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;
using static UapiLab.Harness.Uapi.Lint.LintRule;
using Problems = System.Collections.Generic.IEnumerable<(string Place, string Text)>;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Rules about what the fields of a request mean, and what is refused.</summary>
internal static class RequestRules
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new("reserved-unchecked", Severity.Error,
            "Reserved fields that userspace fills are checked to be zero; otherwise they can never be used.",
            Sources.Syscalls, ReservedUnchecked),
        new("ungated-field", Severity.Error,
            "A field that took the place of padding counts only with a flag or capability: old userspace never zeroed "
                + "the padding.",
            Sources.CheckUapi, UngatedField),
        new("no-room-to-grow", Severity.Error,
            "The argument of an ioctl has flags or checked reserved fields, so that it can be extended.",
            Sources.Syscalls, NoRoomToGrow),
        new("unchecked-flags", Severity.Error,
            "Unknown flag bits are refused with EINVAL, all of them where none is defined.",
            Sources.Syscalls, UncheckedFlags),
        new("refusal-undeclared", Severity.Error,
            "An ioctl that checks anything says that it fails with EINVAL.",
            Sources.Syscalls, RefusalUndeclared),
        new("operation-field", Severity.Error,
            "What selects an operation is a __u32 of the structure.",
            Sources.C, OperationField),
        new("operation-zero", Severity.Error,
            "Operation 0 is none, so that a zeroed request does nothing.",
            Sources.AsyncPf2026, OperationZero),
    ];

    private static Problems ReservedUnchecked(LintSubject subject) =>
        from structure in subject.NewStructs
        where subject.NewIoctlsOf(structure).Any(i => i.Direction.Contains('W', StringComparison.Ordinal))
        from field in LintSubject.Flatten(structure.Fields)
        where PaddingNames.Match(field.Name) && !field.MustBeZero && !field.FilledByKvm
        select ($"{structure.Name}.{field.Name}", "reserved, and nobody checks that it is zero");

    private static Problems UngatedField(LintSubject subject) =>
        from entry in subject.NewFields(Abi.X8664)
        where UapiModel.Existing(entry.Struct.Name) is not null
        let field = entry.Field.Field
        where field.Members.Count == 0 && !PaddingNames.Match(field.Name) && field.ValidWith.Length == 0
        select ($"{entry.Struct.Name}.{entry.Field.Path}",
            "new in an existing structure, and no flag or capability says that it was filled in");

    private static Problems NoRoomToGrow(LintSubject subject) =>
        from structure in subject.NewStructs
        where subject.NewIoctlsOf(structure).Any()
        where !LintSubject.Flatten(structure.Fields).Any(f => f.MustBeZero || f.Name == "flags")
        select (structure.Name, "neither flags nor reserved fields: it cannot be extended without another ioctl");

    private static Problems UncheckedFlags(LintSubject subject) =>
        from structure in subject.NewStructs
        from ioctl in subject.NewIoctlsOf(structure)
        from field in LintSubject.Flatten(structure.Fields)
        where field.Name == "flags" && !field.MustBeZero && !field.FilledByKvm
        where subject.Description.Flags.All(f => f.Field != $"{structure.Name}.{field.Name}")
            || ioctl.Errors.All(e => e.Errno != Errno.Invalid)
        select ($"{structure.Name}.{field.Name}",
            $"{ioctl.Name} does not say which bits it knows and that it refuses the others with EINVAL");

    private static Problems RefusalUndeclared(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        where ioctl.Errors.All(e => e.Errno != Errno.Invalid)
        where ioctl.Operations.Count > 0 || subject.Model.Find(ioctl.Struct)?.Fields.Any(f => f.MustBeZero) == true
        select (ioctl.Name, "has fields or operations to refuse, and lists no EINVAL");

    private static Problems OperationField(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        where ioctl.Operations.Count > 0
        where subject.Model.Find(ioctl.Struct)?.Fields
            .Any(f => f.Offset == ioctl.OpOffset && f.Type == "__u32" && f.Elements == 1) != true
        select At(ioctl.Name,
            $"has operations, and struct {ioctl.Struct} has no __u32 at byte {ioctl.OpOffset} to select one");

    private static Problems OperationZero(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        from operation in ioctl.Operations
        where operation.Value == 0
        select ($"{ioctl.Name}: {operation.Name}", "is operation 0: a request that was only zeroed carries it out");
}
