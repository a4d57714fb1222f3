namespace UapiLab.Plugins.C;

/// <summary>Numbers as C hands them over: what does not fit is cut off, and a negative one is sign-extended.</summary>
internal static class Words
{
    public static ulong Of(long number) => unchecked((ulong)number);

    public static int Int(ulong word) => unchecked((int)word);

    public static uint UInt(ulong word) => unchecked((uint)word);

    /// <summary>For an enumeration: what is none of its values stays none.</summary>
    public static byte Byte(ulong word) => word > byte.MaxValue ? byte.MaxValue : (byte)word;

    public static long Long(ulong word) => unchecked((long)word);
}
