using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>_IO, _IOR, _IOW or _IOWR says who writes the argument.</summary>
internal sealed record IoctlDirection() : LintRule(
    "ioctl-direction",
    Severity.Error,
    "_IO, _IOR, _IOW or _IOWR says who writes the argument.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var ioctl in subject.NewIoctls)
        {
            if (ioctl.Direction is not ("" or "W" or "R" or "WR"))
            {
                yield return (ioctl.Name, $"its direction is '{ioctl.Direction}', expected W, R, WR or nothing");
            }
            else if (ioctl.Direction.Length == 0 != (ioctl.Struct.Length == 0))
            {
                yield return (ioctl.Name, ioctl.Struct.Length == 0 ? "has a direction and no structure" : $"takes struct {ioctl.Struct} and has no direction");
            }
            else if (ioctl.Struct.Length > 0 && subject.Model.Find(ioctl.Struct) is not { })
            {
                yield return (ioctl.Name, $"takes struct {ioctl.Struct}, which is not described");
            }
            else if (subject.Model.Find(ioctl.Struct) is { } structure && Expected(structure) is var expected && expected != ioctl.Direction)
            {
                yield return (ioctl.Name, $"is _IO{ioctl.Direction}, and its fields make it _IO{expected}");
            }
        }
    }

    // W: userspace writes, KVM reads.
    private static string Expected(StructSpec structure)
    {
        var leaves = LintSubject.Flatten(structure.Fields).Where(f => f.Members.Count == 0).ToArray();
        return (leaves.Any(f => !f.FilledByKvm) ? "W" : "") + (leaves.Any(f => f.FilledByKvm) ? "R" : "");
    }
}
