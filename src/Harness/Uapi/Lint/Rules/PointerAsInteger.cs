namespace UapiLab.Harness.Uapi;

/// <summary>A user pointer is carried in a __u64.</summary>
internal sealed record PointerAsInteger() : LintRule(
    "pointer-as-integer",
    Severity.Error,
    "A user pointer is carried in a __u64.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from structure in subject.Description.Structs
        from field in LintSubject.Flatten(structure.Fields)
        where field.PointsTo.Length > 0 && field.Type is not ("__u64" or "__aligned_u64")
        select ($"{structure.Name}.{field.Name}", $"holds a user pointer in a {field.Type}, expected __u64");
}
