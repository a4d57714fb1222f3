using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>A stream of which the first bytes were looked at already.</summary>
internal sealed class PrefixedStream(byte[] first, Stream rest) : ReadOnlyStream(rest)
{
    private int _given;

    public override int Read(Span<byte> buffer)
    {
        if (_given == first.Length)
        {
            return Inner.Read(buffer);
        }

        int count = Math.Min(buffer.Length, first.Length - _given);
        first.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
