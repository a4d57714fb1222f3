namespace UapiLab.Harness.Simulation.Traces;

/// <summary>One line of QEMU's log trace backend: <c>TID@SECONDS.MICROS:EVENT TEXT</c>.</summary>
internal readonly ref struct PostcopyLine
{
    public const string Form = "`TID@SECONDS.MICROS:EVENT TEXT`";

    private PostcopyLine(long atNs, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        AtNs = atNs;
        Event = name;
        Text = text;
    }

    public readonly long AtNs;
    public readonly ReadOnlySpan<byte> Event;
    public readonly ReadOnlySpan<byte> Text;

    public static bool TrySplit(ReadOnlySpan<byte> line, out PostcopyLine parsed)
    {
        parsed = default;
        int at = line.IndexOf((byte)'@');
        int colon = line.IndexOf((byte)':');
        if (at <= 0 || colon <= at
            || !AsciiText.TryDecimal(line[..at], out _)
            || !AsciiText.TrySeconds(line[(at + 1)..colon], out long atNs))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = line[(colon + 1)..];
        ReadOnlySpan<byte> name = AsciiText.FirstWord(rest);
        if (name.IsEmpty)
        {
            return false;
        }

        parsed = new PostcopyLine(atNs, name, AsciiText.SkipSpaces(rest[name.Length..]));
        return true;
    }
}
