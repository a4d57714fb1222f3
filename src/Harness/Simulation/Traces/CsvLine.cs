using System.Text;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>One access as <c>time,vcpu,gfn,write</c>, with <c>,fetch</c> where the header has it.</summary>
/// <param name="AtNs">When, in ns of a clock that the vCPUs share.</param>
/// <param name="Vcpu">Number of the vCPU, 0 to 4094.</param>
/// <param name="Page">Number of the page, 0 to 2^52 - 1.</param>
/// <param name="Writes">Whether the access writes.</param>
/// <param name="FetchNs">What a fetch of the page took, 0 if it was there already, -1 if nothing is said.</param>
internal readonly record struct CsvLine(long AtNs, long Vcpu, ulong Page, bool Writes, long FetchNs)
{
    public const string Header = "`time,vcpu,gfn,write` or `time,vcpu,gfn,write,fetch` as the first line";
    private const string Required = "time,vcpu,gfn,write";
    private const string Optional = ",fetch";
    private const long HighestVcpu = 4_094;
    private const ulong HighestPage = (1UL << 52) - 1;
    private const long LongestFetchNs = 1_000_000_000_000;

    public static bool IsHeader(ReadOnlySpan<byte> line, out int columns)
    {
        columns = Ascii.Equals(line, Required) ? 4 : Ascii.Equals(line, Required + Optional) ? 5 : 0;
        return columns > 0;
    }

    public static string Form(int columns) => $"`{Required}{(columns == 5 ? Optional : "")}`";

    /// <exception cref="TraceFormatException">The current line is no access.</exception>
    public static CsvLine Parse(TraceLines lines, int columns)
    {
        ReadOnlySpan<byte> line = lines.Current;
        if (line.Count((byte)',') != columns - 1)
        {
            throw lines.Expected($"{columns} values with commas between them: {Form(columns)}");
        }

        if (!AsciiText.TrySeconds(Next(ref line), out long atNs))
        {
            throw lines.Expected("`time` in seconds with one to nine decimals, as 12.000345");
        }

        if (!AsciiText.TryDecimal(Next(ref line), out long vcpu) || vcpu > HighestVcpu)
        {
            throw lines.Expected(Invariant($"`vcpu` from 0 to {HighestVcpu}"));
        }

        if (!TryPage(Next(ref line), out ulong page))
        {
            throw lines.Expected("`gfn` as a decimal or 0x-hexadecimal number below 2^52");
        }

        ReadOnlySpan<byte> write = Next(ref line);
        if (write is not [(byte)'0' or (byte)'1'])
        {
            throw lines.Expected("`write` as 0 or 1");
        }

        long fetchNs = -1;
        ReadOnlySpan<byte> fetch = Next(ref line);
        if (!fetch.IsEmpty && (!AsciiText.TrySeconds(fetch, out fetchNs) || fetchNs > LongestFetchNs))
        {
            throw lines.Expected("`fetch` in seconds with one to nine decimals, at most 1000, or nothing");
        }

        return new CsvLine(atNs, vcpu, page, write[0] == '1', fetchNs);
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> line)
    {
        int comma = line.IndexOf((byte)',');
        ReadOnlySpan<byte> value = comma < 0 ? line : line[..comma];
        line = comma < 0 ? [] : line[(comma + 1)..];
        return value;
    }

    private static bool TryPage(ReadOnlySpan<byte> text, out ulong page)
    {
        if (text.StartsWith("0x"u8))
        {
            return AsciiText.TryHex(text, out page) && page <= HighestPage;
        }

        bool isNumber = AsciiText.TryDecimal(text, out long number);
        page = (ulong)number;
        return isNumber && page <= HighestPage;
    }
}
