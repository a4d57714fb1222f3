using System.Runtime.InteropServices;

namespace UapiLab.Harness.Checking.Search;

/// <summary>What a search only adds to, in blocks of 1 MiB: in memory, and in files once <see cref="UsesFiles"/> says
/// that memory is short. A file that cannot be had (a full disk) is memory after all.</summary>
internal sealed unsafe class BlockStore : IDisposable
{
    public const int BlockShift = 20;
    public const int BlockBytes = 1 << BlockShift;
    private readonly List<nint> _inMemory = [];
    private readonly Stack<nint> _free = new();
    private readonly List<BlockFile> _files = [];
    private long _large;
    private bool _hasNoFiles;

    /// <summary>Whether new blocks are in files.</summary>
    public bool UsesFiles { get; set; }

    public long BytesInMemory => ((long)_inMemory.Count << BlockShift) + _large;

    public long BytesInFiles => _files.Sum(f => f.Bytes);

    /// <summary>A block, of any content.</summary>
    public nint Take() => _free.TryPop(out var block) ? block : UsesFiles ? FromFile() : FromMemory(BlockBytes);

    /// <summary>A block for what is too large for one.</summary>
    public nint Take(int bytes)
    {
        _large += bytes - BlockBytes;
        return FromMemory(bytes);
    }

    /// <summary>A block that nobody needs any more.</summary>
    public void Give(nint block) => _free.Push(block);

    private nint FromMemory(int bytes)
    {
        var block = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        _inMemory.Add(block);
        return block;
    }

    private nint FromFile()
    {
        if (!_hasNoFiles && _files is not [.., { HasRoom: true }])
        {
            if (BlockFile.TryMake() is { } file)
            {
                _files.Add(file);
            }
            else
            {
                _hasNoFiles = true;
            }
        }

        return _hasNoFiles ? FromMemory(BlockBytes) : _files[^1].Next();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where nobody can say when the last list is out of use, as where calls of a lost run may still
    /// come.</summary>
    ~BlockStore() => Free();

    private void Free()
    {
        _inMemory.ForEach(block => NativeMemory.AlignedFree((void*)block));
        _files.ForEach(file => file.Dispose());
        _inMemory.Clear();
        _files.Clear();
        _free.Clear();
    }
}
