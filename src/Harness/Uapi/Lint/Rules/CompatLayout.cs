using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>A structure is laid out alike for 32-bit and 64-bit userspace; otherwise KVM needs a compat handler.</summary>
internal sealed record CompatLayout() : LintRule(
    "compat-layout",
    Severity.Error,
    "A structure is laid out alike for 32-bit and 64-bit userspace; otherwise KVM needs a compat handler.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var structure in subject.Description.Structs)
        {
            var known = UapiModel.Existing(structure.Name) is { } existing ? Differences(existing).ToArray() : [];
            // One difference moves all that follows; the first says enough.
            foreach (var difference in Differences(structure).Except(known).Take(1))
            {
                yield return difference;
            }
        }
    }

    private static IEnumerable<(string Place, string Text)> Differences(StructSpec structure)
    {
        if (Layouts.Place(structure, Abi.X8664) is not { } wide || Layouts.Place(structure, Abi.I386) is not { } narrow)
        {
            yield break;
        }

        foreach (var (w, n) in wide.Fields.Zip(narrow.Fields))
        {
            if (w.Offset != n.Offset)
            {
                yield return ($"{structure.Name}.{w.Path}", FormattableString.Invariant($"at byte {w.Offset} on x86-64 and {n.Offset} on i386"));
            }

            if (w.Size != n.Size)
            {
                yield return ($"{structure.Name}.{w.Path}", FormattableString.Invariant($"{w.Size} bytes on x86-64 and {n.Size} on i386"));
            }
        }

        if (wide.Size != narrow.Size)
        {
            yield return (structure.Name, FormattableString.Invariant($"{wide.Size} bytes on x86-64 and {narrow.Size} on i386"));
        }
    }
}
