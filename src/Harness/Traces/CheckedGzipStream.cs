using System.IO.Compression;

namespace UapiLab.Harness.Traces;

/// <summary>
/// Unpacks gzip data and notices when its end is missing. The framework's stream ends quietly there, so a small
/// member of our own is appended to the packed data: only complete data lets it be unpacked.
/// </summary>
internal sealed class CheckedGzipStream : Stream
{
    private static readonly byte[] s_seal = "\0end of the packed data\0"u8.ToArray();

    // Where the end is missing, the seal itself is unpacked to rubbish; none of that may be handed out, so this many
    // bytes are kept back until the end is known. The seal is too short to become more.
    private const int HeldBack = 1 << 16;

    private readonly Stream _packed;
    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[2 * HeldBack];
    private int _filled;
    private bool _ended;

    public CheckedGzipStream(Stream packed)
    {
        _packed = packed;
        _unpacked = new GZipStream(new SealedStream(packed, PackedSeal()), CompressionMode.Decompress);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">The data is damaged or its end is missing.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_filled <= HeldBack && !_ended)
        {
            int read = _unpacked.Read(_buffer.AsSpan(_filled));
            _filled += read;
            _ended = read == 0;
        }

        if (_ended && !_buffer.AsSpan(0, _filled).EndsWith(s_seal))
        {
            throw new InvalidDataException("The end of the packed data is missing.");
        }

        int given = Math.Min(buffer.Length, _filled - (_ended ? s_seal.Length : HeldBack));
        _buffer.AsSpan(0, given).CopyTo(buffer);
        _buffer.AsSpan(given, _filled - given).CopyTo(_buffer);
        _filled -= given;
        return given;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
            _packed.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] PackedSeal()
    {
        using var packed = new MemoryStream();
        using (var packer = new GZipStream(packed, CompressionLevel.Optimal))
        {
            packer.Write(s_seal);
        }

        return packed.ToArray();
    }
}
