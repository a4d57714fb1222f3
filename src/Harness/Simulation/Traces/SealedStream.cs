using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>A stream followed by some more bytes.</summary>
internal sealed class SealedStream(Stream inner, byte[] seal) : ReadOnlyStream(inner)
{
    private int _given;
    private bool _innerEnded;

    public override int Read(Span<byte> buffer)
    {
        int read = _innerEnded ? 0 : Inner.Read(buffer);
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
}
