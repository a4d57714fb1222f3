namespace UapiLab.Harness.Uapi;

/// <summary>Operation 0 is none, so that a zeroed request does nothing.</summary>
internal sealed record OperationZero() : LintRule(
    "operation-zero",
    Severity.Error,
    "Operation 0 is none, so that a zeroed request does nothing.",
    Sources.AsyncPf2026)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        from operation in ioctl.Operations
        where operation.Value == 0
        select ($"{ioctl.Name}: {operation.Name}", "is operation 0: a request that was only zeroed carries it out");
}
