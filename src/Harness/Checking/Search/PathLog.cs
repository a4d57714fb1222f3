namespace UapiLab.Harness.Checking.Search;

/// <summary>Who found each state: the number of its parent and the action. States are numbered in the order of their
/// parents, so the step from one parent to the next is small, and both take two bytes for most states.</summary>
/// <param name="store">Has the blocks.</param>
internal sealed unsafe class PathLog(BlockStore store)
{
    private const int BlockBytes = BlockStore.BlockBytes;
    private const int StatesPerMark = 1 << 10;
    private readonly List<nint> _blocks = [];
    private readonly List<(long Offset, long Parent)> _marks = [];
    private long _length;
    private long _lastParent;

    public long Count { get; private set; }

    public long Bytes => ((long)_blocks.Count * BlockBytes) + (_marks.Count * 16L);

    /// <summary>An initial state: its own parent.</summary>
    public void AddInitial(int number) => Add(0, number);

    public void Add(long parent, int action)
    {
        if (Count % StatesPerMark == 0)
        {
            _marks.Add((_length, _lastParent));
        }

        Write((ulong)(parent - _lastParent));
        Write((ulong)action);
        _lastParent = parent;
        Count++;
    }

    public (long Parent, int Action) this[long state]
    {
        get
        {
            var (offset, parent) = _marks[(int)(state / StatesPerMark)];
            for (var i = state / StatesPerMark * StatesPerMark; ; i++)
            {
                parent += (long)Read(ref offset);
                var action = (int)Read(ref offset);
                if (i == state)
                {
                    return (parent, action);
                }
            }
        }
    }

    /// <summary>The path to a state, and on by an action unless that is negative.</summary>
    /// <param name="state">Where it leads.</param>
    /// <param name="last">The action.</param>
    /// <param name="initialStates">How many states, the first ones, are initial.</param>
    /// <param name="found">Who found a state.</param>
    public static StatePath To(long state, int last, long initialStates, Func<long, (long Parent, int Action)> found)
    {
        List<int> actions = last >= 0 ? [last] : [];
        while (true)
        {
            var (parent, action) = found(state);
            if (state < initialStates)
            {
                actions.Reverse();
                return new(action, actions);
            }

            actions.Add(action);
            state = parent;
        }
    }

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Put((byte)(value | 0x80));
        }

        Put((byte)value);
    }

    private void Put(byte b)
    {
        if (_length % BlockBytes == 0)
        {
            _blocks.Add(store.Take());
        }

        ((byte*)_blocks[^1])[_length++ % BlockBytes] = b;
    }

    private ulong Read(ref long offset)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = ((byte*)_blocks[(int)(offset / BlockBytes)])[offset % BlockBytes];
            offset++;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
