namespace UapiLab.Harness.Uapi;

/// <summary>What a user pointer addresses has a fixed width, too: bits of an array of long have another order on 32-bit and on big-endian machines.</summary>
internal sealed record WidthDependentTarget() : LintRule(
    "width-dependent-target",
    Severity.Warning,
    "What a user pointer addresses has a fixed width, too: bits of an array of long have another order on 32-bit and on big-endian machines.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from structure in subject.Description.Structs
        from field in LintSubject.Flatten(structure.Fields)
        where field.PointsTo.Length > 0 && field.PointsTo != "void" && !CScalar.IsFixedWidth(field.PointsTo)
        select ($"{structure.Name}.{field.Name}", $"points to {field.PointsTo}: which bit of which byte is meant depends on its width on big-endian machines");
}
