using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>Regions, structures, ioctls and flags, as data.</summary>
internal sealed class ConsistentDescription : ConformanceProperty
{
    private const string Rule = "description";

    public override string Name => "consistent-description";

    public override string Doc => "Regions, structures, ioctls, flags and states as described fit together.";

    public override bool IsQuick => true;

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        var faults = Regions(encoding).Concat(encoding.Description.Structs.SelectMany(Fields))
            .Concat(Ioctls(encoding.Description)).Concat(Numbers(encoding.Description));
        return Failure(faults.Select(fault => new ContractBreach(Rule, fault))
            .FirstOrDefault(), "  the description is read; nothing is run\n");
    }

    private static IEnumerable<string> Regions(Encoding encoding)
    {
        var regions = encoding.Regions;
        foreach (var region in regions)
        {
            if (regions.Count(r => r.Name == region.Name) > 1)
            {
                yield return $"two regions are named {region.Name}";
            }

            if (region.WordBits is not (8 or 32 or 64))
            {
                yield return $"region {region.Name} has words of {region.WordBits} bits, expected 8, 32 or 64";
            }

            if (region.Count < 1
                || (region.Scope == RegionScope.PerGfn
                && (region.Count > region.WordBits || !int.IsPow2(region.Count))))
            {
                yield return $"region {region.Name} has a count of {region.Count}, expected at least 1, and for each "
                    + $"gfn a power of two within a word";
            }
        }

        var bits = regions.Where(r => r is { Scope: RegionScope.PerGfn, Owner: RegionOwner.Shared }).Sum(r => r.Count);
        if (bits != encoding.Description.BitsPerGfn)
        {
            yield return $"{encoding.Description.BitsPerGfn} bits for each gfn are described, and {bits} are declared";
        }
    }

    /// <summary>Offsets and sizes as described are those of C; the rest of what can be said of a uAPI is <c>uapi
    /// --check</c>'s.</summary>
    private static IEnumerable<string> Fields(StructSpec type)
    {
        if (Layouts.Place(type, Abi.X8664) is not { } placed)
        {
            yield return $"{type.Name} has a field of a type that is not known";
            yield break;
        }

        foreach (var field in placed.Fields.Where(f => f.Depth == 0 && f.Field.Offset != f.Offset))
        {
            yield return $"{type.Name}.{field.Field.Name} is described at byte {field.Field.Offset}, and C puts it at "
                + $"{field.Offset}";
        }

        if (placed.Size != type.Size)
        {
            yield return $"{type.Name} is described with {type.Size} bytes, and has {placed.Size}";
        }
    }

    private static IEnumerable<string> Ioctls(EncodingDescription description)
    {
        foreach (var ioctl in description.Ioctls)
        {
            var type = description.Structs.FirstOrDefault(s => s.Name == ioctl.Struct);
            if (ioctl.Struct.Length > 0 && type is null)
            {
                yield return $"{ioctl.Name} takes a {ioctl.Struct}, which is not described";
            }

            if (ioctl.OpOffset >= 0 && type?.Fields.Any(f => f.Offset == ioctl.OpOffset && f.Type == "__u32") != true)
            {
                yield return $"{ioctl.Name} has its operation at byte {ioctl.OpOffset}, where {ioctl.Struct} has no "
                    + $"__u32";
            }

            if (ioctl.Errors.Count != ioctl.Errors.DistinctBy(e => e.Errno).Count())
            {
                yield return $"{ioctl.Name} lists an errno twice";
            }
        }
    }

    private static IEnumerable<string> Numbers(EncodingDescription description)
    {
        if (description.Ioctls.Count != description.Ioctls.DistinctBy(i => i.Number).Count())
        {
            yield return "two ioctls have one number";
        }

        if (description.Flags.Count != description.Flags.DistinctBy(f => (f.Field, f.Bit)).Count())
        {
            yield return "two flags of one field have one bit";
        }

        if (description.BitsPerGfn is >= 0 and < 16 && description.States.Count > 1 << description.BitsPerGfn)
        {
            yield return $"{description.States.Count} states do not fit {description.BitsPerGfn} bits";
        }
    }
}
