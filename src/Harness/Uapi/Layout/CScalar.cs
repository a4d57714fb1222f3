namespace UapiLab.Harness.Uapi.Layout;

/// <summary>Size and alignment of the scalar types of C that a uAPI may name, good or bad.</summary>
internal static class CScalar
{
    /// <summary>Whether the type is the same on every ABI and says how wide it is.</summary>
    public static bool IsFixedWidth(string type) => Fixed(type) is not null;

    /// <summary>Whether gcc's layout of the type is known here.</summary>
    public static bool IsKnown(string type) => Measure(type, Abi.X8664) is not null;

    /// <summary>Bytes and alignment of a scalar; null if the type is not known.</summary>
    public static (int Size, int Alignment)? Measure(string type, Abi abi) => Fixed(type) switch
    {
        // The attribute in its name makes it the same everywhere, which is what it is for.
        8 when type == "__aligned_u64" => (8, 8),
        8 => (8, abi.Align64),
        { } size => (size, size),
        null => WidthDependent(type, abi) is { } size ? (size, size) : null,
    };

    /// <summary>Alignment of a direct member of a packed structure: none, unless an attribute in the type's own
    /// definition asks for one, which gcc lets win.</summary>
    public static int PackedAlignment(string type) => type == "__aligned_u64" ? 8 : 1;

    private static int? Fixed(string type) => type switch
    {
        "__u8" or "__s8" => 1,
        "__u16" or "__s16" or "__le16" or "__be16" => 2,
        "__u32" or "__s32" or "__le32" or "__be32" => 4,
        "__u64" or "__s64" or "__aligned_u64" or "__le64" or "__be64" => 8,
        _ => null,
    };

    private static int? WidthDependent(string type, Abi abi) => type switch
    {
        "char" or "signed char" or "unsigned char" or "_Bool" => 1,
        "short" or "unsigned short" => 2,
        "int" or "unsigned int" => 4,
        "long" or "unsigned long" or "size_t" => abi.LongBytes,
        _ when type.EndsWith('*') => abi.LongBytes,
        _ when type.StartsWith("enum ", StringComparison.Ordinal) => 4,
        _ => null,
    };
}
