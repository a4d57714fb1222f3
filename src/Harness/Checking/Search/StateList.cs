namespace UapiLab.Harness.Checking.Search;

/// <summary>States one after the other in big blocks; each with what is left of its budget.</summary>
/// <param name="store">Has the blocks: a level needs those that the level before it left.</param>
internal sealed unsafe class StateList(BlockStore store)
{
    private readonly List<nint> _blocks = [];
    private readonly BigList<Entry> _entries = new(store);
    private int _used = BlockStore.BlockBytes;

    public int Count => (int)_entries.Count;

    public byte RemainingBudget(int index) => _entries[index].RemainingBudget;

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var entry = _entries[index];
            return new((byte*)_blocks[entry.Block] + entry.Offset, entry.Length);
        }
    }

    public void Add(ReadOnlySpan<byte> state, byte remainingBudget)
    {
        if (_used + state.Length > BlockStore.BlockBytes)
        {
            _blocks.Add(state.Length <= BlockStore.BlockBytes ? store.Take() : store.Take(state.Length));
            _used = 0;
        }

        state.CopyTo(new((byte*)_blocks[^1] + _used, state.Length));
        _entries.Add(new(_blocks.Count - 1, _used, state.Length, remainingBudget));
        _used = (_used + state.Length + 7) & ~7; // a state is read as 64-bit words
    }

    public void Clear()
    {
        _blocks.ForEach(store.Give);
        _blocks.Clear();
        _entries.Clear();
        _used = BlockStore.BlockBytes;
    }

    private readonly record struct Entry(int Block, int Offset, int Length, byte RemainingBudget);
}
