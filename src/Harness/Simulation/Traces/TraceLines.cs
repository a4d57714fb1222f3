using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// The lines of a trace file, plain or gzip, one at a time. Every failure to read becomes a
/// <see cref="TraceFormatException"/>.
/// </summary>
internal sealed class TraceLines : IDisposable
{
    private const int LongestLine = 1 << 16;
    private readonly Stream _content;
    private readonly ByteProgress _progress;
    private readonly byte[] _buffer = new byte[2 * LongestLine];
    private readonly List<byte[]> _held = [];
    private int _start;
    private int _end;
    private int _replayed;
    private bool _holding;
    private int _currentHeld = -1;
    private int _currentStart;
    private int _currentLength;

    private TraceLines(string file, Stream content, ByteProgress progress)
    {
        File = file;
        _content = content;
        _progress = progress;
    }

    /// <summary>Path as the caller gave it.</summary>
    public string File { get; }

    /// <summary>Name of the file, fit for a line of a report.</summary>
    public string Name => CleanText.Printable(Path.GetFileName(File));

    /// <summary>Number of the current line, from 1; 0 before the first.</summary>
    public long Number { get; private set; }

    /// <summary>The current line without its line break; valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Current =>
        _currentHeld >= 0 ? _held[_currentHeld] : _buffer.AsSpan(_currentStart, _currentLength);

    /// <summary>Opens what is read once.</summary>
    public static TraceLines Open(string path, ByteProgress progress, CancellationToken cancellation) =>
        Open(path, () => InputFile.Open(path, cancellation), progress);

    /// <param name="path">For messages.</param>
    /// <param name="open">Its bytes from the first one; they need not be able to go back.</param>
    /// <param name="progress">Told how far it is.</param>
    public static TraceLines Open(string path, Func<Stream> open, ByteProgress progress)
    {
        try
        {
            Stream stream = open();
            var magic = new byte[2];
            int read = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            var counted = new CountingStream(new PrefixedStream(magic[..read], stream), progress);
            bool isGzip = read == 2 && magic is [0x1f, 0x8b];
            return new TraceLines(path, isGzip ? new CheckedGzipStream(counted) : counted, progress);
        }
        catch (Exception e) when (InputFile.IsReadFailure(e))
        {
            throw Unreadable(path, e);
        }
    }

    public static TraceFormatException Unreadable(string path, Exception e) =>
        new(path, 0, $"a readable trace file, but: {e.Message}");

    /// <summary>Whether the file ended before the current line did.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Goes to the next line, if there is one.</summary>
    /// <exception cref="TraceFormatException">The data is damaged or a line is absurdly long.</exception>
    public bool MoveNext()
    {
        if (_replayed < _held.Count && !_holding)
        {
            _currentHeld = _replayed++;
            Number++;
            return true;
        }

        _currentHeld = -1;
        if (!ReadLine())
        {
            return false;
        }

        Number++;
        if (_holding)
        {
            _held.Add(Current.ToArray());
        }

        return true;
    }

    /// <summary>Keeps the lines read from now on, so that <see cref="Rewind"/> can return to them.</summary>
    public void Hold() => _holding = true;

    /// <summary>Goes back to before the first held line; call once.</summary>
    public void Rewind()
    {
        _holding = false;
        Number -= _held.Count;
    }

    /// <summary>The error that something else was expected at the current line.</summary>
    public TraceFormatException Expected(string what) => new(File, Math.Max(1, Number), what);

    public void Dispose() => _content.Dispose();

    private bool ReadLine()
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                TakeLine(searched + length, lineBreak: 1);
                return true;
            }

            searched = _end - _start;
            if (searched > LongestLine)
            {
                throw new TraceFormatException(File, Number + 1, $"a line of at most {LongestLine} bytes");
            }

            if (!Fill())
            {
                if (searched > 0)
                {
                    TakeLine(searched, lineBreak: 0);
                }

                return searched > 0;
            }
        }
    }

    private void TakeLine(int length, int lineBreak)
    {
        IsCutOff = lineBreak == 0;
        _currentStart = _start;
        _currentLength = length > 0 && _buffer[_start + length - 1] == '\r' ? length - 1 : length;
        _start += length + lineBreak;
    }

    private bool Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        try
        {
            int read = _content.Read(_buffer.AsSpan(_end));
            _end += read;
            if (read == 0)
            {
                _progress.Report();
            }

            return read > 0;
        }
        catch (InvalidDataException)
        {
            throw new TraceFormatException(File, Number + 1, "more gzip data, but it is cut off or damaged");
        }
        catch (Exception e) when (InputFile.IsReadFailure(e))
        {
            throw new TraceFormatException(File, Number + 1, $"readable data, but: {e.Message}");
        }
    }
}
