namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Takes every page fault a real KVM handled as an access of the vCPU that took it.</summary>
internal sealed class KvmImporter
{
    private const int PageShift = 12;
    private const ulong WriteBit = 1 << 1;

    // Guest systems keep their kernel in the upper half of the address space, their programs in the lower.
    private const ulong UpperHalf = 0xffff_8000_0000_0000;

    private readonly TraceLines _lines;
    private readonly TraceOptions _options;
    private readonly KvmLanes _lanes = new();
    private readonly EventCounts _events = new();
    private readonly GfnNumbering _gfns = new();
    private readonly Dictionary<long, bool> _shadowExit = [];
    private bool _emulated;
    private bool _wholeGuestIsKernel;
    private bool _readAnyEvent;
    private long _retries;
    private long _lostEvents;
    private long _cutLines;
    private long _virtualAddresses;

    private KvmImporter(TraceLines lines, TraceOptions options)
    {
        _lines = lines;
        _options = options;
    }

    public static AccessTrace Import(TraceLines lines, TraceOptions options)
    {
        var importer = new KvmImporter(lines, options);
        while (lines.MoveNext())
        {
            importer.TakeLine(lines.Current);
        }

        return importer.Result();
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (KvmGap.IsLost(line, out long events))
        {
            _lostEvents = checked(_lostEvents + events);
            MarkGap();
        }
        else if (KvmGap.IsCut(line, out long lines))
        {
            _cutLines = checked(_cutLines + lines);
            MarkGap();
        }
        else if (line is [(byte)'#', ..] || AsciiText.IsBlank(line))
        {
            return;
        }
        else if (KvmLine.TryParse(line, out KvmLine parsed))
        {
            _readAnyEvent = true;
            TakeEvent(parsed);
        }
        else if (_readAnyEvent)
        {
            // Before the first event the recorders print headers in several forms.
            throw _lines.Expected(KvmLine.Form);
        }
    }

    private void MarkGap()
    {
        foreach (KvmLane lane in _lanes.All)
        {
            lane.Gap();
        }
    }

    private void TakeEvent(KvmLine line)
    {
        _events.Add(line.Event);
        switch (Tracepoints.KindOf(line.Event))
        {
            case RecordedKind.Entry:
                _lanes.Of(line.Thread, Number(line.Text)).Enter(line.AtNs);
                break;
            case RecordedKind.Exit:
                _shadowExit[line.Thread] = IsPageFaultException(line.Text);
                _lanes.Of(line.Thread, Number(line.Text)).Exit(line.AtNs, Hex(line.Text, "rip "u8));
                break;
            case RecordedKind.PageFault:
                TakeFault(line);
                break;
            case RecordedKind.InjectException or RecordedKind.InjectInterrupt:
                _lanes.Of(line.Thread, null).Inject();
                break;
            case RecordedKind.Marker:
                TakeMarker(line);
                break;
            default:
                break;
        }
    }

    private void TakeFault(KvmLine line)
    {
        ulong address = Hex(line.Text, "address "u8) ?? throw _lines.Expected("`address HEX` in kvm_page_fault");
        ulong error = Hex(line.Text, "error_code "u8) ?? throw _lines.Expected("`error_code HEX` in kvm_page_fault");
        ulong page = address >> PageShift;
        bool writes = (error & WriteBit) != 0;
        KvmLane lane = _lanes.Of(line.Thread, Number(line.Text));

        // Older events do not tell the instruction, but the exit before them does.
        ulong? rip = Hex(line.Text, "rip "u8) ?? lane.ExitRip;
        if (lane.IsRetry(page, writes, rip))
        {
            _retries++;
            return;
        }

        _virtualAddresses += _shadowExit.GetValueOrDefault(line.Thread) ? 1 : 0;
        TraceAccessFlags flags = writes ? TraceAccessFlags.Write : TraceAccessFlags.None;
        flags |= _wholeGuestIsKernel || rip >= UpperHalf ? TraceAccessFlags.Kernel : TraceAccessFlags.None;
        lane.Add(line.AtNs, page, rip, _gfns.Of(page), flags);
    }

    // The loaders of recordings with an emulated processor announce themselves like this.
    private void TakeMarker(KvmLine line)
    {
        int begin = line.Text.IndexOf("BEGIN "u8);
        if (begin >= 0
            && (line.Comm.SequenceEqual("kvmapf"u8) || line.Comm.SequenceEqual("kvmuf"u8))
            && !AsciiText.After(line.Text, "tsc_khz="u8).IsEmpty)
        {
            _emulated = true;
            _wholeGuestIsKernel = AsciiText.After(line.Text, "cpl="u8).SequenceEqual("0"u8);
        }
    }

    // The number is a 32 bit integer in the event; a larger one is damage.
    private long? Number(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> word = AsciiText.After(text, "vcpu "u8);
        if (word.IsEmpty)
        {
            return null;
        }

        return AsciiText.TryDecimal(word, out long number) && number <= uint.MaxValue
            ? number
            : throw _lines.Expected("a number after `vcpu`");
    }

    private ulong? Hex(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> word = AsciiText.After(text, key);
        int suffix = word.IndexOf((byte)'[');
        word = suffix < 0 ? word : word[..suffix];
        if (word.IsEmpty)
        {
            return null;
        }

        return AsciiText.TryHex(word, out ulong value)
            ? value
            : throw _lines.Expected("a hexadecimal number of 64 bits");
    }

    // Without nested paging the exit is the guest's own page fault exception, and the address a virtual one.
    private static bool IsPageFaultException(ReadOnlySpan<byte> exit) =>
        exit.IndexOf("reason PF excp"u8) >= 0 || exit.IndexOf("reason EXCEPTION_NMI"u8) >= 0;

    private AccessTrace Result()
    {
        KvmLane[] lanes = [.. _lanes.All.Where(lane => lane.Faults.Count > 0)];
        if (lanes.Length == 0)
        {
            throw _lines.Expected("a kvm_page_fault event somewhere above");
        }

        bool byGuestTime = lanes.Any(lane => lane.GuestRunningNs > 0);
        long divisor = _emulated ? _options.EmulatedClockDivisor : 1;
        var facts = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["accesses"] = lanes.Sum(lane => (long)lane.Faults.Count),
            ["clockStepsBack"] = lanes.Sum(lane => lane.BackwardSteps),
            ["cutLines"] = _cutLines,
            ["guestRunningRecordedNs"] = FactSums.Sum(lanes.Select(lane => lane.GuestRunningNs)),
            ["lostEvents"] = _lostEvents,
            ["pagesTouched"] = _gfns.Count,
            ["retriesMerged"] = _retries,
            ["unknownEvents"] = _events.Unknown.Values.Sum(),
            ["vcpusWithoutFaults"] = _lanes.All.Count() - lanes.Length,
            ["virtualAddresses"] = _virtualAddresses,
        };
        foreach ((Tracepoint known, long count) in _events.Known)
        {
            facts["events." + known.Name] = count;
        }

        return new AccessTrace(
            _lines.Name,
            "kvm",
            [.. lanes.Select(lane => lane.Result(byGuestTime, divisor))],
            _gfns.Count,
            [.. Notes(byGuestTime, divisor)],
            facts);
    }

    private IEnumerable<string> Notes(bool byGuestTime, long divisor)
    {
        yield return GfnNumbering.Note + " A page is 4 KiB of guest-physical addresses; the vCPUs share it.";
        yield return "Every recorded fault is kept, except retries: same vCPU, page, kind and instruction as its "
            + "previous fault, with no injected event and no exit at another instruction in between.";
        yield return byGuestTime
            ? "Think time is the time between guest entries and exits since the vCPU's previous fault: waits are "
                + "not in it."
            : "The trace has no guest entries and exits: think time is all time since the vCPU's previous fault, waits "
                + "included.";
        yield return "Kernel means an instruction in the upper half of the addresses, or a recording that says CPL 0.";
        if (_emulated)
        {
            yield return $"Recorded on an emulated processor: think times are the recorded ones divided by {divisor}.";
        }

        if (_lostEvents > 0 || _cutLines > 0)
        {
            yield return $"The recorder lost {_lostEvents} events and {_cutLines} lines were cut out; faults may be "
                + "missing, and a guest-running interval across a gap is not counted.";
        }

        if (_virtualAddresses > 0)
        {
            yield return $"{_virtualAddresses} faults were taken without nested paging: their addresses are virtual.";
        }

        if (_lanes.Moved.Count > 0)
        {
            yield return $"{_lanes.Moved.Count} vCPU numbers were seen on several threads; if of several guests, "
                + "record one at a time.";
        }
    }
}
