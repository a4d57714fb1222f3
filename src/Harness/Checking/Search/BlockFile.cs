using System.IO.MemoryMappedFiles;

namespace UapiLab.Harness.Checking.Search;

/// <summary>Blocks in a file among the temporary ones (<c>TMPDIR</c>). The system keeps of it in memory what it has
/// room for. The file has no name any more, so nothing of it survives the process.</summary>
internal sealed unsafe class BlockFile : IDisposable
{
    private const int Blocks = 64;
    private const int Size = Blocks * BlockStore.BlockBytes;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private int _used;

    private BlockFile(FileStream stream)
    {
        _file = MemoryMappedFile.CreateFromFile(stream, null, Size, MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public long Bytes => (long)_used << BlockStore.BlockShift;

    public bool HasRoom => _used < Blocks;

    /// <returns>Null where there is no room for it.</returns>
    public static BlockFile? TryMake()
    {
        FileStream? stream = null;
        try
        {
            stream = new(Path.Combine(Path.GetTempPath(), "uapilab-" + Path.GetRandomFileName()), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 0,
            });
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(stream.Name);
            }

            // Every byte is written: what the disk has no room for would else be noticed by a signal that ends the
            // process.
            var zeroes = new byte[BlockStore.BlockBytes];
            for (var block = 0; block < Blocks; block++)
            {
                stream.Write(zeroes);
            }

            return new(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            return null;
        }
    }

    public nint Next() => (nint)(_start + ((long)_used++ << BlockStore.BlockShift));

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
