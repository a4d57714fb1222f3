using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace UapiLab.Harness.Machines;

/// <summary>
/// All state of a machine in one run of bytes: small, it can be copied, compared and hashed as a whole; large, it is
/// mutated in place, and pages that are not touched cost nothing because the allocation is zeroed lazily by the host.
/// </summary>
internal sealed unsafe class StateBlock : IDisposable
{
    private const int Alignment = 16;
    private readonly List<(nuint Offset, Action<nint> Bind)> _sections = [];
    private nuint _length;
    private byte* _memory;

    /// <summary>Bytes in the block.</summary>
    public long Length => (long)_length;

    /// <summary>Reserves an array; usable after <see cref="Allocate"/>.</summary>
    public Section<T> Reserve<T>(long count) where T : unmanaged
    {
        var section = new Section<T>(count, (long)_length);
        var offset = _length;
        _length = (_length + ((nuint)count * (nuint)sizeof(T)) + Alignment - 1) / Alignment * Alignment;
        _sections.Add((offset, section.Bind));
        return section;
    }

    /// <summary>Allocates the zeroed block and binds every section to it.</summary>
    public void Allocate()
    {
        _memory = (byte*)NativeMemory.AllocZeroed(_length);
        foreach (var (offset, bind) in _sections)
        {
            bind((nint)(_memory + offset));
        }
    }

    /// <summary>The bytes; for machines small enough for the checker (under 2 GiB).</summary>
    public Span<byte> Bytes => new(_memory, checked((int)_length));

    /// <summary>Frees the memory. Sections must not be used afterwards.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of a block that was not disposed.</summary>
    ~StateBlock() => NativeMemory.Free(_memory);
}

/// <summary>A typed array inside a <see cref="StateBlock"/>. Indices are the machine's own: asserted, not
/// checked.</summary>
internal sealed unsafe class Section<T>(long count, long offset) where T : unmanaged
{
    private T* _first;

    /// <summary>Elements.</summary>
    public long Count => count;

    /// <summary>An element, in place.</summary>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert((ulong)index < (ulong)count);
            return ref _first[index];
        }
    }

    /// <summary>The elements as a span.</summary>
    public Span<T> Span(long start, int length)
    {
        Debug.Assert(start >= 0 && length >= 0 && start + length <= count);
        return new(_first + start, length);
    }

    /// <summary>The elements as they are in a copy of the whole block.</summary>
    internal ReadOnlySpan<T> In(ReadOnlySpan<byte> copy) => MemoryMarshal.Cast<byte,
        T>(copy.Slice((int)offset, (int)count * sizeof(T)));

    /// <summary>Whether some of the elements are as in a copy of the block, or of its beginning.</summary>
    internal bool IsAsIn(ReadOnlySpan<byte> copy, long start, int length) =>
        new ReadOnlySpan<byte>(_first + start, length * sizeof(T)).SequenceEqual(
            copy.Slice((int)(offset + (start * sizeof(T))), length * sizeof(T)));

    /// <summary>Bytes from the start of the block.</summary>
    internal long Offset => offset;

    internal void Bind(nint address) => _first = (T*)address;
}
