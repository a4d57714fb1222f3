using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>Offsets and sizes are what the description says they are.</summary>
internal sealed record DeclaredLayout() : LintRule(
    "declared-layout",
    Severity.Error,
    "Offsets and sizes are what the description says they are.",
    Sources.C)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            if (Layouts.Place(structure, Abi.X8664) is not { } placed)
            {
                yield return (structure.Name, "has a field whose type cannot be laid out");
                continue;
            }

            foreach (var (field, declared) in placed.Fields.Zip(DeclaredOffsets(structure.Fields, 0)))
            {
                if (field.Offset != declared)
                {
                    yield return ($"{structure.Name}.{field.Path}", FormattableString.Invariant($"declared at byte {declared}, and gcc puts it at {field.Offset}"));
                }
            }

            if (placed.Size != structure.Size)
            {
                yield return (structure.Name, FormattableString.Invariant($"declared with {structure.Size} bytes, and gcc makes it {placed.Size}"));
            }
        }
    }

    private static IEnumerable<int> DeclaredOffsets(IEnumerable<FieldSpec> fields, int start) =>
        fields.SelectMany(f => DeclaredOffsets(f.Members, start + f.Offset).Prepend(start + f.Offset));
}
