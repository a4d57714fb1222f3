using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>The events of a trace file in order, and the gaps between them.</summary>
internal sealed class RecordedTrace : IDisposable
{
    private const int WidestMail = 80;
    private readonly TraceLines _lines;
    private bool _any;
    private long _firstText;
    private string? _looksLike;
    private int _lastLength;
    private long _events;
    private Range _name;

    public RecordedTrace(TraceFile file) => _lines = file.Lines();

    /// <summary>The event just read; after a gap, only its line means something.</summary>
    public RecordedEvent Current { get; private set; }

    /// <summary>What the line just read was.</summary>
    public bool IsGap { get; private set; }

    /// <summary>Name of the event just read.</summary>
    public ReadOnlySpan<byte> Name => _lines.Current[_name];

    /// <summary>The line just read, as it stands in the file.</summary>
    public ReadOnlySpan<byte> Text => _lines.Current;

    /// <summary>The file ends in the middle of its last line, which is left out.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Lines and events that the recorder, or what shortened the trace, says are missing.</summary>
    public long Missing { get; private set; }

    /// <summary>Goes to the next event or gap.</summary>
    /// <exception cref="TraceFormatException">A line is no event, or a field is damaged.</exception>
    public bool MoveNext()
    {
        while (_lines.MoveNext())
        {
            var line = _lines.Current;
            if (KvmGap.IsLost(line, out var missing) || KvmGap.IsCut(line, out missing))
            {
                Missing = checked(Missing + missing);
                IsGap = true;
                Current = new()
                {
                    Kind = RecordedKind.Other,
                    Line = _lines.Number,
                    Number = _events,
                    AtNs = Current.AtNs,
                    Thread = -1,
                    Text = ""
                };
                return true;
            }

            if (line is [(byte)'#', ..] || AsciiText.IsBlank(line))
            {
                continue;
            }

            if (KvmLine.TryParse(line, out var parsed))
            {
                if (!TryRead(parsed))
                {
                    break;
                }

                _any = true;
                IsGap = false;
                line.Overlaps(parsed.Event, out var start);
                _name = start..(start + parsed.Event.Length);
                _lastLength = line.Length;
                return true;
            }

            if (_any && !_lines.IsCutOff)
            {
                throw _lines.Expected(KvmLine.Form + (_lastLength <= WidestMail && line.Length <= WidestMail
                    ? "; the line before may have been wrapped" : ""));
            }

            // Before the first event recorders print headers.
            IsCutOff = _any;
            _firstText = _firstText == 0 ? _lines.Number : _firstText;
            _looksLike ??= FormatDetector.LooksLike(line);
        }

        return _any ? false : throw new TraceFormatException(_lines.File, Math.Max(1, _firstText),
            KvmLine.Form + (_looksLike is null ? "" : $"; this looks like {_looksLike}"));
    }

    /// <summary>A recording that was stopped may end in the middle of a line.</summary>
    private bool TryRead(in KvmLine line)
    {
        try
        {
            Current = RecordedLine.Read(line, _lines, _events + 1);
            _events++;
            return true;
        }
        catch (TraceFormatException) when (_any && _lines.IsCutOff)
        {
            IsCutOff = true;
            return false;
        }
    }

    public void Dispose() => _lines.Dispose();
}
