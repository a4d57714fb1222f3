using System.Text;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Reads the events that matter for demand paging; the others become <c>Other</c>.</summary>
internal static class PostcopyEventParser
{
    /// <summary>Parses the current line.</summary>
    /// <exception cref="TraceFormatException">The line or a field of a needed event is not as expected.</exception>
    public static PostcopyEvent Parse(TraceLines lines)
    {
        if (!PostcopyLine.TrySplit(lines.Current, out PostcopyLine line))
        {
            throw lines.Expected(PostcopyLine.Form);
        }

        ReadOnlySpan<byte> text = line.Text;
        return Encoding.Latin1.GetString(line.Event) switch
        {
            "postcopy_ram_fault_thread_request" => new PostcopyEvent(
                line.AtNs,
                PostcopyEventKind.Request,
                Hex(lines, text, "HVA="u8),
                Name(lines, AsciiText.After(text, "rb="u8)),
                Hex(lines, text, "offset="u8),
                Decimal(lines, AsciiText.After(text, "pid="u8))),
            "mark_postcopy_blocktime_begin" => new PostcopyEvent(
                line.AtNs, PostcopyEventKind.FaultingVcpu, Hex(lines, text, "addr: "u8), Number: Vcpu(lines, text)),
            "postcopy_page_req_del" =>
                new PostcopyEvent(line.AtNs, PostcopyEventKind.Resolved, Hex(lines, text, "page req "u8)),
            "postcopy_place_page" =>
                new PostcopyEvent(line.AtNs, PostcopyEventKind.Placed, Hex(lines, text, "host="u8)),
            "postcopy_place_page_zero" =>
                new PostcopyEvent(line.AtNs, PostcopyEventKind.PlacedZero, Hex(lines, text, "host="u8)),
            "loadvm_postcopy_handle_run_bh" when text.SequenceEqual("return"u8) =>
                new PostcopyEvent(line.AtNs, PostcopyEventKind.GuestStarted),
            "migrate_handle_rp_req_pages" => new PostcopyEvent(
                line.AtNs,
                PostcopyEventKind.Received,
                Block: NewBlock(lines, AsciiText.After(text, "in "u8)),
                Offset: Hex(lines, text, "at "u8)),
            "get_queued_page" => Queued(lines, line, PostcopyEventKind.Dequeued),
            "get_queued_page_not_dirty" => Queued(lines, line, PostcopyEventKind.NotDirty),
            _ => new PostcopyEvent(line.AtNs, PostcopyEventKind.Other),
        };
    }

    private static string? NewBlock(TraceLines lines, ReadOnlySpan<byte> word) =>
        word.SequenceEqual("(null)"u8) ? null : Name(lines, word);

    // `BLOCK/OFFSET page_abs=...`; the name of a block may hold slashes itself.
    private static PostcopyEvent Queued(TraceLines lines, PostcopyLine line, PostcopyEventKind kind)
    {
        ReadOnlySpan<byte> place = AsciiText.FirstWord(line.Text);
        int slash = place.LastIndexOf((byte)'/');
        return slash > 0 && AsciiText.TryHex(place[(slash + 1)..], out ulong offset)
            ? new PostcopyEvent(line.AtNs, kind, Block: Name(lines, place[..slash]), Offset: offset)
            : throw lines.Expected("`BLOCK/OFFSET`");
    }

    private static ulong Hex(TraceLines lines, ReadOnlySpan<byte> text, ReadOnlySpan<byte> key) =>
        AsciiText.TryHex(AsciiText.After(text, key), out ulong value)
            ? value
            : throw lines.Expected($"a hexadecimal number after `{Encoding.Latin1.GetString(key)}`");

    private static long Decimal(TraceLines lines, ReadOnlySpan<byte> word) =>
        AsciiText.TryDecimal(word, out long value) ? value : throw lines.Expected("a thread id after `pid=`");

    private static string Name(TraceLines lines, ReadOnlySpan<byte> word) =>
        word.IsEmpty ? throw lines.Expected("the name of a memory block") : Encoding.Latin1.GetString(word);

    private static long Vcpu(TraceLines lines, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> word = AsciiText.After(text, "cpu: "u8);
        if (word is [(byte)'-', ..])
        {
            return -1;
        }

        return AsciiText.TryDecimal(word, out long value) && value <= int.MaxValue
            ? value
            : throw lines.Expected("a vCPU number after `cpu: `");
    }
}
