using System.Text;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>A trace that is read several times, also where a user names a stream.</summary>
public sealed class TraceFile : IDisposable
{
    private readonly Rereadable _bytes;

    private TraceFile(string name, Rereadable bytes)
    {
        Name = name;
        _bytes = bytes;
    }

    /// <summary>Path as the caller gave it.</summary>
    public string Name { get; }

    /// <summary>Opens a trace, plain or gzip.</summary>
    /// <exception cref="TraceFormatException">It cannot be read.</exception>
    public static TraceFile Open(string path, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return new(path, Rereadable.Of(path, cancellation));
        }
        catch (Exception e) when (InputFile.IsReadFailure(e))
        {
            throw TraceLines.Unreadable(path, e);
        }
    }

    /// <summary>Some lines as a trace.</summary>
    internal static TraceFile Of(string name, IEnumerable<string> latin1) =>
        new(name, Rereadable.Of(Encoding.Latin1.GetBytes(string.Concat(latin1.Select(line => line + "\n")))));

    /// <summary>Its lines from the first one.</summary>
    internal TraceLines Lines() => TraceLines.Open(Name, _bytes.Open, new ByteProgress(null));

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();
}
