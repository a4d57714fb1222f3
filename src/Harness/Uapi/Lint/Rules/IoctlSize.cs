namespace UapiLab.Harness.Uapi;

/// <summary>The argument of an ioctl is at most 8191 bytes: some architectures have 13 bits for its size.</summary>
internal sealed record IoctlSize() : LintRule(
    "ioctl-size",
    Severity.Error,
    "The argument of an ioctl is at most 8191 bytes: some architectures have 13 bits for its size.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        let structure = subject.Model.Find(ioctl.Struct)
        where structure is { Size: > 8191 }
        select (ioctl.Name, FormattableString.Invariant($"struct {ioctl.Struct} has {structure.Size} bytes, expected at most 8191"));
}
