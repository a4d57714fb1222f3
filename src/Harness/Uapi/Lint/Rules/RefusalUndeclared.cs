using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>An ioctl that checks anything says that it fails with EINVAL.</summary>
internal sealed record RefusalUndeclared() : LintRule(
    "refusal-undeclared",
    Severity.Error,
    "An ioctl that checks anything says that it fails with EINVAL.",
    Sources.Syscalls)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        where ioctl.Errors.All(e => e.Errno != Errno.Invalid)
        where ioctl.Operations.Count > 0 || subject.Model.Find(ioctl.Struct)?.Fields.Any(f => f.MustBeZero) == true
        select (ioctl.Name, "has fields or operations to refuse, and lists no EINVAL");
}
