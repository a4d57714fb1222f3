using System.Runtime.InteropServices;

namespace UapiLab.Harness.Checking;

/// <summary>States one after the other in big blocks; each with what is left of its allowances.</summary>
internal sealed class StateList
{
    private const int BlockBytes = 1 << 20;
    private readonly List<byte[]> blocks = [];
    private readonly List<Entry> entries = [];
    private int used = BlockBytes;

    public int Count => entries.Count;

    public long Bytes => ((long)blocks.Count * BlockBytes) + (entries.Capacity * 16L);

    public byte Allowances(int index) => entries[index].Allowances;

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var entry = CollectionsMarshal.AsSpan(entries)[index];
            return blocks[entry.Block].AsSpan(entry.Offset, entry.Length);
        }
    }

    public void Add(ReadOnlySpan<byte> state, byte allowances)
    {
        if (used + state.Length > BlockBytes)
        {
            blocks.Add(new byte[Math.Max(BlockBytes, state.Length)]);
            used = 0;
        }

        state.CopyTo(blocks[^1].AsSpan(used));
        entries.Add(new(blocks.Count - 1, used, state.Length, allowances));
        used = (used + state.Length + 7) & ~7; // a state is read as 64-bit words
    }

    public void Clear()
    {
        blocks.Clear();
        entries.Clear();
        used = BlockBytes;
    }

    private readonly record struct Entry(int Block, int Offset, int Length, byte Allowances);
}
