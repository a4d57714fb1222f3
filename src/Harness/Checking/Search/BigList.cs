using System.Numerics;

namespace UapiLab.Harness.Checking.Search;

/// <summary>A list that grows block by block, without copying what it holds.</summary>
/// <param name="store">Has the blocks.</param>
internal sealed unsafe class BigList<T>(BlockStore store)
    where T : unmanaged
{
    /// <summary>As many to a block as the greatest power of two that it has room for.</summary>
    private static readonly int s_shift = BitOperations.Log2((uint)(BlockStore.BlockBytes / sizeof(T)));
    private static readonly long s_mask = (1L << s_shift) - 1;
    private readonly List<nint> _blocks = [];

    public long Count { get; private set; }

    public ref T this[long index] => ref ((T*)_blocks[(int)(index >> s_shift)])[index & s_mask];

    public void Add(T item)
    {
        if (Count >> s_shift == _blocks.Count)
        {
            _blocks.Add(store.Take());
        }

        this[Count++] = item;
    }

    /// <summary>Empties it; its blocks stay.</summary>
    public void Clear() => Count = 0;
}
