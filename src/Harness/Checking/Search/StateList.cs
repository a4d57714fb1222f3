namespace UapiLab.Harness.Checking.Search;

/// <summary>States one after the other in big blocks; each with what is left of its budget.</summary>
/// <param name="spare">Blocks that no list uses at the moment: a level needs those that the level before it
/// left.</param>
internal sealed class StateList(Stack<byte[]> spare)
{
    private const int BlockBytes = 1 << 20;
    private readonly List<byte[]> _blocks = [];
    private readonly BigList<Entry> _entries = new();
    private int _used = BlockBytes;

    public int Count => (int)_entries.Count;

    public long Bytes => ((long)_blocks.Count * BlockBytes) + _entries.Bytes;

    public byte RemainingBudget(int index) => _entries[index].RemainingBudget;

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var entry = _entries[index];
            return _blocks[entry.Block].AsSpan(entry.Offset, entry.Length);
        }
    }

    public void Add(ReadOnlySpan<byte> state, byte remainingBudget)
    {
        if (_used + state.Length > BlockBytes)
        {
            _blocks.Add(state.Length <= BlockBytes && spare.TryPop(out var block) ? block
                : GC.AllocateUninitializedArray<byte>(Math.Max(BlockBytes, state.Length)));
            _used = 0;
        }

        state.CopyTo(_blocks[^1].AsSpan(_used));
        _entries.Add(new(_blocks.Count - 1, _used, state.Length, remainingBudget));
        _used = (_used + state.Length + 7) & ~7; // a state is read as 64-bit words
    }

    public void Clear()
    {
        foreach (var block in _blocks)
        {
            spare.Push(block);
        }

        _blocks.Clear();
        _entries.Clear();
        _used = BlockBytes;
    }

    private readonly record struct Entry(int Block, int Offset, int Length, byte RemainingBudget);
}
