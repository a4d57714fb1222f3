namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Tells the format from the first line that can only belong to one.</summary>
internal static class FormatDetector
{
    // Headers of recorders are short; reading on through a foreign file would only delay the error.
    private const int LongestHeader = 1000;

    private const string KnownFormats =
        "a lackey memory trace, KVM events from ftrace, trace-cmd report or perf script, a QEMU post-copy trace log, "
        + "or accesses as CSV with the first line time,vcpu,gfn,write (docs/model-my-guest.md)";

    /// <summary>Leaves the lines rewound to the start.</summary>
    /// <exception cref="TraceFormatException">No known format.</exception>
    public static TraceFormat Detect(TraceLines lines)
    {
        lines.Hold();
        long firstText = 0;
        while (lines.Number < LongestHeader && lines.MoveNext())
        {
            if (Recognise(lines.Current) is { } format)
            {
                lines.Rewind();
                return format;
            }

            if (firstText == 0 && !AsciiText.IsBlank(lines.Current))
            {
                firstText = lines.Number;
            }
        }

        throw firstText == 0
            ? new TraceFormatException(lines.File, 1, KnownFormats + ", but nothing is there")
            : new TraceFormatException(lines.File, firstText, KnownFormats);
    }

    /// <summary>What a line is that is no KVM event, as far as it tells; else null.</summary>
    public static string? LooksLike(ReadOnlySpan<byte> line) => Recognise(line) switch
    {
        TraceFormat.Csv => "accesses as CSV, which compare --trace takes",
        TraceFormat.Lackey => "a lackey memory trace, which compare --trace takes",
        TraceFormat.Postcopy => "a QEMU post-copy trace log, which compare --trace takes",
        _ => line.StartsWith("postcopy_"u8)
            ? "a QEMU log; compare --trace takes it with -msg timestamp=on"
            : line.IndexOf(" kvm:kvm_"u8) >= 0 ? "the output of perf trace; perf script prints such lines"
            : line.IndexOf("VM-EXIT"u8) >= 0 ? "a table of perf kvm stat, which has no events" : null,
    };

    private static TraceFormat? Recognise(ReadOnlySpan<byte> line)
    {
        if (CsvLine.IsHeader(line, out _))
        {
            return TraceFormat.Csv;
        }

        if (LackeyLine.TryParse(line, out _))
        {
            return TraceFormat.Lackey;
        }

        if (PostcopyLine.TrySplit(line, out _))
        {
            return TraceFormat.Postcopy;
        }

        return KvmLine.TryParse(line, out _) ? TraceFormat.Kvm : null;
    }
}
