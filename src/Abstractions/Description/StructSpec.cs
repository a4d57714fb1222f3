namespace UapiLab.Abstractions;

/// <summary>A C structure of the uAPI.</summary>
/// <param name="Name">Tag.</param>
/// <param name="Fields">In order.</param>
/// <param name="Size">sizeof on 64-bit x86, bytes.</param>
public sealed record StructSpec(string Name, IReadOnlyList<FieldSpec> Fields, int Size)
{
    /// <summary>One sentence: what it is for.</summary>
    public string Doc { get; init; } = "";

    /// <summary>Whether it is declared packed: every field at the next byte, alignment 1.</summary>
    public bool Packed { get; init; }
}

/// <summary>A field of a C structure.</summary>
/// <param name="Name">Its name; empty for an anonymous union or structure, whose members belong to what surrounds
/// it.</param>
/// <param name="Type">C type: __u8 to __u64, __s8 to __s64, __aligned_u64; or "struct" or "union" with
/// <see cref="Members"/>.</param>
/// <param name="Offset">Bytes from the start of the structure or union that holds it, on 64-bit x86.</param>
/// <param name="Elements">Array length, 1 for a scalar, 0 for a flexible array.</param>
/// <param name="MustBeZero">Reserved, and checked to be zero.</param>
public sealed record FieldSpec(string Name, string Type, int Offset, int Elements = 1, bool MustBeZero = false)
{
    /// <summary>One sentence.</summary>
    public string Doc { get; init; } = "";

    /// <summary>Members, where <see cref="Type"/> is "struct" or "union".</summary>
    public IReadOnlyList<FieldSpec> Members { get; init; } = [];

    /// <summary>Whether KVM writes it for userspace to read.</summary>
    public bool FilledByKvm { get; init; }

    /// <summary>C type of what it points to, if it holds a user pointer; otherwise empty.</summary>
    public string PointsTo { get; init; } = "";

    /// <summary>The shared region whose words it holds, if that has another name.</summary>
    public string Region { get; init; } = "";

    /// <summary>The flag or capability without which KVM does not look at it; empty if it always counts.</summary>
    public string ValidWith { get; init; } = "";
}
