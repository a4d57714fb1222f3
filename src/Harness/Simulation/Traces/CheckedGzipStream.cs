using System.IO.Compression;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// Unpacks gzip data and notices when its end is missing. The framework's stream ends quietly there, so a small
/// member of our own is appended to the packed data: only complete data lets it be unpacked.
/// </summary>
internal sealed class CheckedGzipStream : ReadOnlyStream
{
    private static readonly byte[] s_seal = "\0end of the packed data\0"u8.ToArray();

    // Where the end is missing, the seal itself is unpacked to rubbish; none of that may be handed out, so this many
    // bytes are kept back until the end is known. The seal is too short to become more.
    private const int HeldBack = 1 << 16;

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[2 * HeldBack];
    private int _filled;
    private bool _ended;

    public CheckedGzipStream(Stream packed)
        : base(packed) =>
        _unpacked = new GZipStream(new SealedStream(packed, PackedSeal()), CompressionMode.Decompress);

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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
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
