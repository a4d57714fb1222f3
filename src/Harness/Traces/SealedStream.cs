namespace UapiLab.Harness.Traces;

/// <summary>A stream followed by some more bytes.</summary>
internal sealed class SealedStream(Stream inner, byte[] seal) : Stream
{
    private int _given;
    private bool _innerEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int read = _innerEnded ? 0 : inner.Read(buffer);
        if (read > 0 || buffer.IsEmpty)
        {
            return read;
        }

        _innerEnded = true;
        int rest = Math.Min(buffer.Length, seal.Length - _given);
        seal.AsSpan(_given, rest).CopyTo(buffer);
        _given += rest;
        return rest;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
