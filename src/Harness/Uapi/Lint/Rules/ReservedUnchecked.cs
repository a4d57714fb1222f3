namespace UapiLab.Harness.Uapi;

/// <summary>Reserved fields that userspace fills are checked to be zero; otherwise they can never be used.</summary>
internal sealed record ReservedUnchecked() : LintRule(
    "reserved-unchecked",
    Severity.Error,
    "Reserved fields that userspace fills are checked to be zero; otherwise they can never be used.",
    Sources.Syscalls)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from structure in subject.NewStructs
        where subject.NewIoctlsOf(structure).Any(i => i.Direction.Contains('W', StringComparison.Ordinal))
        from field in LintSubject.Flatten(structure.Fields)
        where PaddingNames.Match(field.Name) && !field.MustBeZero && !field.FilledByKvm
        select ($"{structure.Name}.{field.Name}", "reserved, and nobody checks that it is zero");
}
