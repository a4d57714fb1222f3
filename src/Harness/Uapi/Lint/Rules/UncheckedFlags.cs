using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>Unknown flag bits are refused with EINVAL, all of them where none is defined.</summary>
internal sealed record UncheckedFlags() : LintRule(
    "unchecked-flags",
    Severity.Error,
    "Unknown flag bits are refused with EINVAL, all of them where none is defined.",
    Sources.Syscalls)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from structure in subject.NewStructs
        from ioctl in subject.NewIoctlsOf(structure)
        from field in LintSubject.Flatten(structure.Fields)
        where field.Name == "flags" && !field.MustBeZero && !field.FilledByKvm
        where subject.Description.Flags.All(f => f.Field != $"{structure.Name}.{field.Name}") || ioctl.Errors.All(e => e.Errno != Errno.Invalid)
        select ($"{structure.Name}.{field.Name}", $"{ioctl.Name} does not say which bits it knows and that it refuses the others with EINVAL");
}
