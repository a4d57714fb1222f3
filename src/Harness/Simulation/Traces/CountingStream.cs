using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>A read-only stream that tells how much was read through it.</summary>
internal sealed class CountingStream(Stream inner, ByteProgress progress) : ReadOnlyStream(inner)
{
    public override int Read(Span<byte> buffer)
    {
        int read = Inner.Read(buffer);
        progress.Add(read);
        return read;
    }
}
