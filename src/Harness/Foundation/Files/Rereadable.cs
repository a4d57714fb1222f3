namespace UapiLab.Harness.Foundation.Files;

/// <summary>Bytes that are read several times. What cannot go back is kept meanwhile, in a file without a
/// name.</summary>
internal sealed class Rereadable : IDisposable
{
    private readonly Func<Stream> _open;
    private readonly FileStream? _kept;

    private Rereadable(Func<Stream> open, FileStream? kept)
    {
        _open = open;
        _kept = kept;
    }

    /// <summary>What a user named.</summary>
    /// <exception cref="IOException">It cannot be read; other exceptions say the same.</exception>
    public static Rereadable Of(string path, CancellationToken cancellation)
    {
        using var first = InputFile.Open(path, cancellation, out var isFile);
        if (isFile)
        {
            return new(() => InputFile.Open(path, cancellation), null);
        }

        var kept = Nameless();
        try
        {
            first.CopyTo(kept);
            kept.Flush();
            return new(() => new Copy(kept), kept);
        }
        catch
        {
            kept.Dispose();
            throw;
        }
    }

    /// <summary>What is in memory.</summary>
    public static Rereadable Of(byte[] bytes) => new(() => new MemoryStream(bytes, writable: false), null);

    /// <summary>The bytes from the first one.</summary>
    public Stream Open() => _open();

    public void Dispose() => _kept?.Dispose();

    private static FileStream Nameless()
    {
        var path = Path.GetTempFileName();
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete,
            1 << 16, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path); // so that not even a kill leaves it behind
        }

        return file;
    }

    private sealed class Copy(FileStream kept) : ReadOnlyStream(Null)
    {
        private long _position;

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(kept.SafeFileHandle, buffer, _position);
            _position += read;
            return read;
        }
    }
}
