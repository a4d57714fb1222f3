namespace UapiLab.Harness.Uapi;

/// <summary>What selects an operation is a __u32 of the structure.</summary>
internal sealed record OperationField() : LintRule(
    "operation-field",
    Severity.Error,
    "What selects an operation is a __u32 of the structure.",
    Sources.C)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        where ioctl.Operations.Count > 0
        where subject.Model.Find(ioctl.Struct)?.Fields.Any(f => f.Offset == ioctl.OpOffset && f.Type == "__u32" && f.Elements == 1) != true
        select (ioctl.Name, FormattableString.Invariant($"has operations, and struct {ioctl.Struct} has no __u32 at byte {ioctl.OpOffset} to select one"));
}
