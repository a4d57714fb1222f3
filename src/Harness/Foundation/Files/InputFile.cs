namespace UapiLab.Harness.Foundation.Files;

/// <summary>The one place that opens what a user names: a file, a FIFO, /dev/stdin. Whoever waits for a stream can be
/// interrupted, and nothing is read without end.</summary>
public static class InputFile
{
    /// <summary>Bytes of a document that is read as a whole.</summary>
    public const int LargestDocument = 16 << 20;

    /// <summary>Bytes that are read of something that does not say how many it has.</summary>
    public const long LargestStream = 1L << 30;

    private const int Buffer = 1 << 16;

    /// <summary>Reads a whole document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What should be there, for messages.</param>
    /// <param name="cancellation">Ends the wait for a stream.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <exception cref="InputException">It cannot be read, or is too large.</exception>
    public static byte[] Read(string path, string expected, CancellationToken cancellation,
        int most = LargestDocument)
    {
        try
        {
            using var from = Open(path, cancellation);
            using var to = new MemoryStream();
            var buffer = new byte[Buffer];
            for (int read; (read = from.Read(buffer)) > 0;)
            {
                to.Write(buffer, 0, read);
                if (to.Length > most)
                {
                    throw new InputException(path, Invariant($"expected {expected} of at most {most >> 20} MiB"));
                }
            }

            return to.ToArray();
        }
        catch (Exception e) when (IsReadFailure(e))
        {
            throw new InputException(path, $"expected {expected}: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Reads the first bytes of a file.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static byte[] BeginOf(string path, string expected, int most)
    {
        try
        {
            using var from = Open(path, CancellationToken.None);
            var begin = new byte[most];
            return begin[..from.ReadAtLeast(begin, most, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (IsReadFailure(e))
        {
            throw new InputException(path, $"expected {expected}: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Opens a stream of bytes, which need not be able to go back.</summary>
    /// <exception cref="IOException">It cannot be opened; other exceptions say the same.</exception>
    internal static Stream Open(string path, CancellationToken cancellation) => Open(path, cancellation, out _);

    /// <summary>The same.</summary>
    /// <param name="path">What the user named.</param>
    /// <param name="cancellation">Ends the wait for a stream.</param>
    /// <param name="isFile">Whether it can be opened once more and is the same then.</param>
    internal static Stream Open(string path, CancellationToken cancellation, out bool isFile)
    {
        // Opening a FIFO waits for somebody who writes.
        var file = Wait(
            () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0),
            cancellation);
        isFile = file.CanSeek && file.Length > 0;
        return new Bounded(file.CanSeek ? file : new Interruptible(file, cancellation),
            Math.Max(file.CanSeek ? file.Length : 0, LargestStream));
    }

    /// <summary>Whether an exception says that something could not be read.</summary>
    internal static bool IsReadFailure(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private static T Wait<T>(Func<T> action, CancellationToken cancellation)
    {
        var waiting = Task.Run(action, CancellationToken.None);
        try
        {
            waiting.Wait(cancellation);
        }
        catch (AggregateException)
        {
            // Told as what it is below.
        }

        return waiting.GetAwaiter().GetResult();
    }

    /// <summary>A stream that ends with an error where it has no end.</summary>
    private sealed class Bounded(Stream inner, long most) : ReadOnlyStream(inner)
    {
        private long _read;

        public override int Read(Span<byte> buffer)
        {
            var read = Inner.Read(buffer);
            _read += read;
            return _read <= most ? read
                : throw new IOException(Invariant($"a stream has at most {most >> 20} MiB; write it to a file first"));
        }
    }

    /// <summary>A stream whose reader need not wait for it.</summary>
    private sealed class Interruptible(Stream inner, CancellationToken cancellation) : ReadOnlyStream(inner)
    {
        private readonly byte[] _buffer = new byte[Buffer];
        private int _start, _end;

        public override int Read(Span<byte> buffer)
        {
            if (_start == _end)
            {
                _end = Wait(() => Inner.Read(_buffer), cancellation);
                _start = 0;
            }

            var given = Math.Min(buffer.Length, _end - _start);
            _buffer.AsSpan(_start, given).CopyTo(buffer);
            _start += given;
            return given;
        }
    }
}
