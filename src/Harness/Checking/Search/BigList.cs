namespace UapiLab.Harness.Checking.Search;

/// <summary>A list that grows block by block, without copying what it holds.</summary>
internal sealed class BigList<T>
    where T : unmanaged
{
    private const int BlockShift = 16;
    private const int BlockSize = 1 << BlockShift;
    private readonly List<T[]> _blocks = [];

    public long Count { get; private set; }

    public unsafe long Bytes => (long)_blocks.Count * BlockSize * sizeof(T);

    public ref T this[long index] => ref _blocks[(int)(index >> BlockShift)][index & (BlockSize - 1)];

    public void Add(T item)
    {
        if (Count >> BlockShift == _blocks.Count)
        {
            _blocks.Add(new T[BlockSize]);
        }

        _blocks[(int)(Count >> BlockShift)][Count++ & (BlockSize - 1)] = item;
    }

    /// <summary>Empties it; its blocks stay.</summary>
    public void Clear() => Count = 0;
}
