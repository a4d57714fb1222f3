namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Lines by which a recorder says that something is missing.</summary>
internal static class KvmGap
{
    // No recorder loses more in one go; such a count is damage.
    private const long LargestGap = 1_000_000_000_000;

    /// <summary>
    /// <c>CPU:1 [LOST 12 EVENTS]</c>, <c>CPU:1 [12 EVENTS DROPPED]</c>, <c>CPU:1 [EVENTS DROPPED]</c> (counts as 1).
    /// </summary>
    public static bool IsLost(ReadOnlySpan<byte> line, out long events)
    {
        events = 0;
        int open = line.IndexOf((byte)'[');
        if (!line.StartsWith("CPU:"u8) || open < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> text = line[(open + 1)..];
        if (text.StartsWith("LOST "u8))
        {
            return TryCount(text[5..], out events);
        }

        return text.StartsWith("EVENTS DROPPED"u8)
            ? (events = 1) == 1
            : text.IndexOf(" EVENTS DROPPED"u8) > 0 && TryCount(text, out events);
    }

    /// <summary><c># cut: 12 lines ...</c>, written by hand or by a tool that shortened the trace.</summary>
    public static bool IsCut(ReadOnlySpan<byte> line, out long lines)
    {
        lines = 0;
        return line.StartsWith("# cut: "u8) && TryCount(line[7..], out lines);
    }

    private static bool TryCount(ReadOnlySpan<byte> text, out long count) =>
        AsciiText.TryDecimal(AsciiText.FirstWord(text), out count) && count <= LargestGap;
}
