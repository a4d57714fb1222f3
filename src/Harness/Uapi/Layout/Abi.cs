namespace UapiLab.Harness.Uapi.Layout;

/// <summary>An ABI that a uAPI structure is laid out for. The two differ in what matters here: a 64-bit integer is
/// aligned to 8 bytes on one and to 4 on the other, and pointers and longs differ in width.</summary>
/// <param name="Name">As reports say it.</param>
/// <param name="Macro">What gcc predefines for it.</param>
/// <param name="LongBytes">Width and alignment of long and of pointers.</param>
/// <param name="Align64">Alignment of a 64-bit integer within a structure.</param>
internal sealed record Abi(string Name, string Macro, int LongBytes, int Align64)
{
    /// <summary>64-bit x86.</summary>
    public static Abi X8664 { get; } = new("x86-64", "__x86_64__", 8, 8);

    /// <summary>32-bit x86: what a 32-bit VMM on a 64-bit kernel is compiled for.</summary>
    public static Abi I386 { get; } = new("i386", "__i386__", 4, 4);

    /// <summary>Both, the one that descriptions speak of first.</summary>
    public static IReadOnlyList<Abi> All { get; } = [X8664, I386];
}
