using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Layout;

/// <summary>A field where gcc puts it.</summary>
/// <param name="Path">Its name, after those of the members that hold it, with dots: as offsetof takes it. An anonymous
/// union or structure adds nothing, and has its own path empty or ending before the dot.</param>
/// <param name="Field">As described.</param>
/// <param name="Offset">Bytes from the start of the structure.</param>
/// <param name="Size">Bytes, all elements together.</param>
/// <param name="Depth">0 for a field of the structure itself, 1 for a member of one, and so on.</param>
/// <param name="Gap">Bytes of implicit padding right before it.</param>
/// <param name="Tail">For a structure or union: bytes of implicit padding at its end.</param>
internal sealed record PlacedField(string Path, FieldSpec Field, int Offset, int Size, int Depth, int Gap, int Tail)
{
    /// <summary>The byte after its last.</summary>
    public int End => Offset + Size;

    /// <summary>Whether it can be named in C.</summary>
    public bool IsNamed => Field.Name.Length > 0;
}

/// <summary>A structure as gcc lays it out.</summary>
/// <param name="Struct">As described.</param>
/// <param name="Abi">For which ABI.</param>
/// <param name="Size">sizeof.</param>
/// <param name="Alignment">_Alignof.</param>
/// <param name="Tail">Bytes of implicit padding at the end.</param>
/// <param name="Fields">Every field and member, in order, what holds others before what it holds.</param>
internal sealed record PlacedStruct(StructSpec Struct, Abi Abi, int Size, int Alignment, int Tail,
    IReadOnlyList<PlacedField> Fields)
{
    /// <summary>The field of that path, or null.</summary>
    public PlacedField? Find(string path) => Fields.FirstOrDefault(f => f.IsNamed && f.Path == path);
}
