using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>A structure has no padding that the compiler puts in: it is copied out uninitialised and differs between ABIs.</summary>
internal sealed record ImplicitPadding() : LintRule(
    "implicit-padding",
    Severity.Error,
    "A structure has no padding that the compiler puts in: it is copied out uninitialised and differs between ABIs.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            foreach (var abi in Abi.All)
            {
                var known = UapiModel.Existing(structure.Name) is { } existing ? Holes(existing, abi).ToArray() : [];
                foreach (var (place, text) in Holes(structure, abi).Except(known))
                {
                    yield return (place, text);
                }
            }
        }
    }

    private static IEnumerable<(string Place, string Text)> Holes(StructSpec structure, Abi abi)
    {
        if (Layouts.Place(structure, abi) is not { } placed)
        {
            yield break;
        }

        foreach (var field in placed.Fields)
        {
            if (field.Gap > 0)
            {
                yield return ($"{structure.Name}.{field.Path}", FormattableString.Invariant($"{field.Gap} bytes of implicit padding before it on {abi.Name}"));
            }

            if (field.Tail > 0)
            {
                yield return ($"{structure.Name}.{field.Path}", FormattableString.Invariant($"{field.Tail} bytes of implicit padding at its end on {abi.Name}"));
            }
        }

        if (placed.Tail > 0)
        {
            yield return (structure.Name, FormattableString.Invariant($"{placed.Tail} bytes of implicit padding at its end on {abi.Name}"));
        }
    }
}
