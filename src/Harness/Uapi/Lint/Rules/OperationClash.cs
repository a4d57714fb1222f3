namespace UapiLab.Harness.Uapi;

/// <summary>Operations of an ioctl have different values.</summary>
internal sealed record OperationClash() : LintRule(
    "operation-clash",
    Severity.Error,
    "Operations of an ioctl have different values.",
    Sources.C)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        from same in ioctl.Operations.GroupBy(o => o.Value)
        where same.Count() > 1
        select (ioctl.Name, FormattableString.Invariant($"{string.Join(" and ", same.Select(o => o.Name))} are both {same.Key}"));
}
