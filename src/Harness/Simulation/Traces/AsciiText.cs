using System.Globalization;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Numbers and fields in lines that are kept as bytes, since most of them are read only once.</summary>
internal static class AsciiText
{
    private const long NsPerSecond = 1_000_000_000;

    // A time in ns must stay below 2^63 with room for sums.
    private const long MaxSeconds = 4_000_000_000;

    public static bool TryDecimal(ReadOnlySpan<byte> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>Hexadecimal digits with or without <c>0x</c>.</summary>
    public static bool TryHex(ReadOnlySpan<byte> text, out ulong value)
    {
        ReadOnlySpan<byte> digits = text.StartsWith("0x"u8) ? text[2..] : text;
        return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Seconds with one to nine decimals, as ns.</summary>
    public static bool TrySeconds(ReadOnlySpan<byte> text, out long ns)
    {
        ns = 0;
        int point = text.IndexOf((byte)'.');
        if (point <= 0
            || text.Length - point - 1 is 0 or > 9
            || !TryDecimal(text[..point], out long seconds)
            || !TryDecimal(text[(point + 1)..], out long fraction)
            || seconds > MaxSeconds)
        {
            return false;
        }

        for (int decimals = text.Length - point - 1; decimals < 9; decimals++)
        {
            fraction *= 10;
        }

        ns = seconds * NsPerSecond + fraction;
        return true;
    }

    /// <summary>The word after a key such as <c>"rip "</c>, up to a space or comma; empty without the key.</summary>
    public static ReadOnlySpan<byte> After(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key)
    {
        for (int from = 0; ; from++)
        {
            int found = text[from..].IndexOf(key);
            if (found < 0)
            {
                return [];
            }

            from += found;
            if (from == 0 || text[from - 1] == ' ')
            {
                ReadOnlySpan<byte> rest = text[(from + key.Length)..];
                int end = rest.IndexOfAny((byte)' ', (byte)',');
                return end < 0 ? rest : rest[..end];
            }
        }
    }

    public static ReadOnlySpan<byte> FirstWord(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny((byte)' ', (byte)'\t');
        return end < 0 ? text : text[..end];
    }

    public static ReadOnlySpan<byte> SkipSpaces(ReadOnlySpan<byte> text) => text.TrimStart(" \t"u8);

    /// <summary>Whether the line holds text at all.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text) => SkipSpaces(text).IsEmpty;
}
