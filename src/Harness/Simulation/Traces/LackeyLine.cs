namespace UapiLab.Harness.Simulation.Traces;

/// <summary>One access as lackey prints it: <c>I  ADDR,SIZE</c> or <c> L|S|M ADDR,SIZE</c>.</summary>
/// <param name="Kind">I = instruction fetch, L = load, S = store, M = load and store.</param>
/// <param name="Address">Virtual address of the first byte.</param>
/// <param name="Size">Number of bytes, 1 to 4096; the last one does not lie beyond the address space.</param>
internal readonly record struct LackeyLine(byte Kind, ulong Address, int Size)
{
    public const string Form = "`I  ADDR,SIZE` or ` L|S|M ADDR,SIZE` (hexadecimal, 1 to 4096) or a `==PID==` line";
    private const int LargestAccess = 4096;

    public bool Writes => Kind is (byte)'S' or (byte)'M';

    public static bool TryParse(ReadOnlySpan<byte> line, out LackeyLine access)
    {
        access = default;
        line = line.StartsWith(" I  "u8) ? line[1..] : line; // with a blank in front, as in some tutorials
        if (line.Length < 6 || !IsPrefix(line[..3]))
        {
            return false;
        }

        int comma = line.IndexOf((byte)',');
        if (comma < 0
            || !TryAddress(line[3..comma], out ulong address)
            || !AsciiText.TryDecimal(line[(comma + 1)..], out long size)
            || size is < 1 or > LargestAccess
            || address > ulong.MaxValue - (ulong)(size - 1))
        {
            return false;
        }

        access = new LackeyLine(line[0] == (byte)'I' ? line[0] : line[1], address, (int)size);
        return true;
    }

    private static bool IsPrefix(ReadOnlySpan<byte> prefix) =>
        prefix is [(byte)'I', (byte)' ', (byte)' '] or [(byte)' ', (byte)'L' or (byte)'S' or (byte)'M', (byte)' '];

    // Such traces have hundreds of millions of lines, so the digits are read here and not by the general parser.
    private static bool TryAddress(ReadOnlySpan<byte> digits, out ulong address)
    {
        address = 0;
        if (digits.Length is 0 or > 16)
        {
            return false;
        }

        foreach (byte digit in digits)
        {
            int value = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }

            address = (address << 4) | (uint)value;
        }

        return true;
    }
}
