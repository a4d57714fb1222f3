using System.Text;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>A file that lives as long as its test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(byte[] content)
    {
        Path = System.IO.Path.GetTempFileName();
        File.WriteAllBytes(Path, content);
    }

    public TemporaryFile(string content)
        : this(Encoding.Latin1.GetBytes(content))
    {
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
