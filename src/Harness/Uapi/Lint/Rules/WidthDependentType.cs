using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>Fields have a fixed width: no long, pointer, enum, bit-field or plain char.</summary>
internal sealed record WidthDependentType() : LintRule(
    "width-dependent-type",
    Severity.Error,
    "Fields have a fixed width: no long, pointer, enum, bit-field or plain char.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            var known = UapiModel.Existing(structure.Name) is { } existing ? Loose(existing.Fields).ToArray() : [];
            foreach (var field in Loose(structure.Fields).Where(f => !known.Any(k => k.Name == f.Name && k.Type == f.Type)))
            {
                yield return ($"{structure.Name}.{field.Name}", $"its type is {field.Type}, expected __u8 to __u64 or __s8 to __s64");
            }
        }
    }

    private static IEnumerable<FieldSpec> Loose(IEnumerable<FieldSpec> fields) =>
        LintSubject.Flatten(fields).Where(f => f.Members.Count == 0 && !CScalar.IsFixedWidth(f.Type));
}
