using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Layout;

/// <summary>The rules by which gcc lays structures out on x86: each member at the next multiple of its alignment, the
/// whole a multiple of the largest. Tests hold them to gcc itself.</summary>
internal static class Layouts
{
    /// <summary>A structure for an ABI.</summary>
    /// <returns>Null if a type in it is not known.</returns>
    public static PlacedStruct? Place(StructSpec spec, Abi abi)
    {
        var fields = new List<PlacedField>();
        return Members(new(abi, spec.Packed, fields), spec.Fields, "", 0, 0, isUnion: false) is { } whole
            ? new(spec, abi, whole.Size, whole.Alignment, whole.Tail, fields)
            : null;
    }

    // gcc's packed does not reach into the members of a member, so each level says for itself.
    private static Extent? Members(Site site, IReadOnlyList<FieldSpec> members, string prefix, int start, int depth,
        bool isUnion)
    {
        var end = 0;
        var size = 0;
        var alignment = 1;
        foreach (var field in members)
        {
            if (Measure(site, field) is not { } extent)
            {
                return null;
            }

            var aligned = site.Packed ? CScalar.PackedAlignment(field.Type) : extent.Alignment;
            var offset = isUnion ? 0 : RoundUp(end, aligned);
            var path = prefix + field.Name;
            site.Fields.Add(new(path, field, start + offset, extent.Size * field.Elements, depth, isUnion ? 0
                : offset - end, extent.Tail));
            if (field.Members.Count > 0)
            {
                var inner = field.Name.Length == 0 ? prefix : path + (field.Elements == 1 ? "." : "[0].");
                Members(site with { Packed = false }, field.Members, inner, start + offset, depth + 1,
                    field.Type == "union");
            }

            end = offset + (extent.Size * field.Elements);
            size = Math.Max(size, end);
            alignment = Math.Max(alignment, aligned);
        }

        var whole = RoundUp(size, alignment);
        return new(whole, alignment, whole - size);
    }

    private static Extent? Measure(Site site, FieldSpec field)
    {
        if (field.Members.Count == 0)
        {
            return CScalar.Measure(field.Type, site.Abi) is { } scalar ? new(scalar.Size, scalar.Alignment, 0) : null;
        }

        // Measured apart, so that its members are listed once it is known where it starts.
        return field.Type is "struct" or "union"
            ? Members(site with { Packed = false, Fields = [] }, field.Members, "", 0, 0, field.Type == "union")
            : null;
    }

    private static int RoundUp(int value, int alignment) => (value + alignment - 1) / alignment * alignment;

    private sealed record Site(Abi Abi, bool Packed, List<PlacedField> Fields);

    private readonly record struct Extent(int Size, int Alignment, int Tail);
}
