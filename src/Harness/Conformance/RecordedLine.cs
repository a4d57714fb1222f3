using System.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Reads the text of one event; both entry and exit formats (6.12 and 6.18) and the older spellings.</summary>
internal static class RecordedLine
{
    private const int PageShift = 12;
    private const int LongestMarker = 512;

    /// <summary>The event of a line.</summary>
    /// <exception cref="TraceFormatException">A field that the kind needs is missing or no number.</exception>
    public static RecordedEvent Read(in KvmLine line, TraceLines lines, long number)
    {
        var kind = Tracepoints.KindOf(line.Event);
        var blank = new RecordedEvent
        {
            Kind = kind,
            Line = lines.Number,
            Number = number,
            AtNs = line.AtNs,
            Thread = line.Thread,
            Vcpu = -1,
            Text = "",
        };
        var text = line.Text;
        return kind switch
        {
            RecordedKind.Entry => WithInfo(blank with { Vcpu = Vcpu(text, lines) }, text, lines),
            RecordedKind.Exit => Exit(blank, text, lines),
            RecordedKind.PageFault => Paged(
                blank with { Vcpu = Vcpu(text, lines), Value = Hex(text, "error_code "u8, lines) }, text, "address "u8,
                lines),
            RecordedKind.TryAsync or RecordedKind.RepeatedFault => Paged(blank, text, "gva = "u8, lines),
            RecordedKind.NotPresent or RecordedKind.Ready =>
                Paged(blank with { Value = Token(text, lines) }, text, "gva "u8, lines),
            RecordedKind.Completed => Paged(blank, text, "gva "u8, lines),
            RecordedKind.InjectException => blank with { IsWrite = text.StartsWith("#PF"u8), Again = IsAgain(text) },
            RecordedKind.InjectInterrupt => blank with { Value = Interrupt(text), Again = IsAgain(text) },
            RecordedKind.AcceptInterrupt => blank with
            {
                Vcpu = (int)Decimal(text, "apicid "u8, lines),
                Value = (ulong)Decimal(text, "vec "u8, lines)
            },
            RecordedKind.Eoi => blank with { Value = Ended(text, lines) },
            RecordedKind.Msr => Msr(blank, text, lines),
            RecordedKind.UserspaceExit => blank with { Exit = RunExits.Traced(text) },
            RecordedKind.Mapped => blank with
            {
                Gfn = Hex(text, "gfn "u8, lines),
                HasGfn = true,
                Value = (ulong)Decimal(text, "level "u8, lines),
            },
            RecordedKind.Marker => blank with
            {
                Text =
                Encoding.ASCII.GetString(text.Length > LongestMarker ? text[..LongestMarker] : text)
            },
            _ => blank,
        };
    }

    private static RecordedEvent Exit(RecordedEvent blank, ReadOnlySpan<byte> text, TraceLines lines)
    {
        var reason = AsciiText.After(text, "reason "u8) switch
        {
            var r when r.SequenceEqual("npf"u8) || r.SequenceEqual("EPT_VIOLATION"u8) => LeaveReason.StageTwoFault,
            var r when r.SequenceEqual("PF"u8) => LeaveReason.GuestPageFault,
            var r when r.SequenceEqual("EXCEPTION_NMI"u8) && IsPageFault(text) => LeaveReason.GuestPageFault,
            var r when r.SequenceEqual("msr"u8) || r.SequenceEqual("MSR_READ"u8)
                || r.SequenceEqual("MSR_WRITE"u8) => LeaveReason.Msr,
            var r when r.SequenceEqual("hlt"u8) || r.SequenceEqual("HLT"u8) => LeaveReason.Halt,
            var r when r.SequenceEqual("vintr"u8)
                || r.SequenceEqual("INTERRUPT_WINDOW"u8) => LeaveReason.InterruptWindow,
            _ => LeaveReason.Other,
        };
        var exit = WithInfo(blank with { Vcpu = Vcpu(text, lines), Reason = reason }, text, lines);

        // AMD puts the guest-physical address of a nested page fault into the second word; Intel prints it nowhere
        // here.
        return AsciiText.After(text, "reason "u8).SequenceEqual("npf"u8) && !AsciiText.After(text, "info2 "u8).IsEmpty
            ? exit with { Gfn = Hex(text, "info2 "u8, lines) >> PageShift, HasGfn = true }
            : exit;
    }

    /// <summary>VMX says which exception it was in a word of its own, which older kernels print second behind
    /// <c>info</c>.</summary>
    private static bool IsPageFault(ReadOnlySpan<byte> text)
    {
        const ulong VectorMask = 0xff, PageFault = 14;
        var word = AsciiText.After(text, "intr_info "u8);
        if (word.IsEmpty && text.IndexOf(" info "u8) is var info and >= 0)
        {
            var rest = text[(info + 6)..];
            word = AsciiText.FirstWord(AsciiText.SkipSpaces(rest[AsciiText.FirstWord(rest).Length..]));
        }

        return AsciiText.TryHex(word, out var value) && (value & VectorMask) == PageFault;
    }

    private static RecordedEvent WithInfo(RecordedEvent e, ReadOnlySpan<byte> text, TraceLines lines) =>
        AsciiText.After(text, "intr_info "u8).IsEmpty
            ? e
            : e with { EventInfo = (uint)Hex(text, "intr_info "u8, lines), HasEventInfo = true };

    private static RecordedEvent Paged(RecordedEvent e, ReadOnlySpan<byte> text, ReadOnlySpan<byte> key,
        TraceLines lines) =>
        e with { Gfn = Hex(text, key, lines) >> PageShift, HasGfn = true };

    private static RecordedEvent Msr(RecordedEvent e, ReadOnlySpan<byte> text, TraceLines lines)
    {
        var write = text.StartsWith("msr_write "u8);
        var rest = text[Math.Min(text.Length, write ? 10 : 9)..];
        var index = AsciiText.FirstWord(rest);
        if (!(write || text.StartsWith("msr_read "u8)) || !AsciiText.TryHex(index, out var number)
            || number > uint.MaxValue)
        {
            throw lines.Expected("`msr_read INDEX = DATA` or `msr_write INDEX = DATA` in kvm_msr");
        }

        return e with { IsWrite = write, Index = (uint)number, Value = Hex(text, "= "u8, lines) };
    }

    private static int Vcpu(ReadOnlySpan<byte> text, TraceLines lines)
    {
        var word = AsciiText.After(text, "vcpu "u8);
        if (word.IsEmpty)
        {
            return -1;
        }

        return AsciiText.TryDecimal(word, out var vcpu) && vcpu < 4096 ? (int)vcpu
            : throw lines.Expected("a vCPU number below 4096 after `vcpu`");
    }

    private static ulong Hex(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, TraceLines lines)
    {
        var word = AsciiText.After(text, key);
        var suffix = word.IndexOf((byte)'[');
        word = suffix < 0 ? word : word[..suffix];
        return AsciiText.TryHex(word, out var value) ? value
            : throw lines.Expected($"a hexadecimal number after `{Encoding.ASCII.GetString(key)}`");
    }

    private static ulong Token(ReadOnlySpan<byte> text, TraceLines lines) =>
        Hex(text, "token "u8, lines) is var token and <= uint.MaxValue ? token
            : throw lines.Expected("a token of 32 bits");

    private static long Decimal(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, TraceLines lines) =>
        AsciiText.TryDecimal(AsciiText.After(text, key), out var value) && value <= uint.MaxValue
            ? value
            : throw lines.Expected($"a number after `{Encoding.ASCII.GetString(key)}`");

    /// <summary>The vector of an EOI. Where nothing is in service KVM says -1, which is nobody's.</summary>
    private static ulong Ended(ReadOnlySpan<byte> text, TraceLines lines) =>
        AsciiText.After(text, "vector "u8).SequenceEqual("-1"u8) ? ulong.MaxValue
            : (ulong)Decimal(text, "vector "u8, lines);

    private static ulong Interrupt(ReadOnlySpan<byte> text) =>
        text.StartsWith("IRQ "u8) && AsciiText.TryHex(AsciiText.FirstWord(text[4..]), out var vector) ? vector
            : ulong.MaxValue;

    private static bool IsAgain(ReadOnlySpan<byte> text) => text.IndexOf("[reinjected]"u8) >= 0;
}
