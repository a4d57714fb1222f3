using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Native;

/// <summary>Declared regions as real memory: one zeroed, cache-line-aligned allocation each.</summary>
public sealed unsafe class NativeRegions : IDisposable
{
    private const nuint CacheLine = 64;

    private readonly NativeRegion* _regions;
    private readonly int _count;

    /// <summary>Allocates every region of an encoding.</summary>
    /// <param name="encoding">Whose.</param>
    /// <param name="vcpus">vCPUs.</param>
    /// <param name="gfns">Frames.</param>
    /// <param name="apfLimit">APF slots per vCPU.</param>
    public NativeRegions(Encoding encoding, int vcpus, long gfns, int apfLimit = 64)
    {
        _count = encoding.Regions.Count;
        _regions = (NativeRegion*)NativeMemory.AllocZeroed((nuint)_count, (nuint)sizeof(NativeRegion));
        for (var i = 0; i < _count; i++)
        {
            var spec = encoding.Regions[i];
            var words = spec.Words(vcpus, vcpus * apfLimit, gfns);
            var bytes = (nuint)(words * spec.WordBits / 8);
            var memory = (byte*)NativeMemory.AlignedAlloc((bytes + CacheLine - 1) / CacheLine * CacheLine, CacheLine);
            NativeMemory.Clear(memory, bytes);
            _regions[i] = new NativeRegion(memory, (ulong)words, spec.WordBits / 8);
            _regions[i].Fill(0, spec.StartsAs == 0 ? 0 : (ulong)words, spec.StartsAs);
        }
    }

    internal NativeRegion* First => _regions;

    /// <summary>A word, for tests.</summary>
    public ulong Read(int region, ulong index) => _regions[region].Load(index);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
        {
            NativeMemory.AlignedFree(_regions[i].Memory);
        }

        NativeMemory.Free(_regions);
        GC.SuppressFinalize(this);
    }
}

/// <summary>One region. Out-of-range indices throw, as in every world.</summary>
internal readonly unsafe struct NativeRegion(byte* memory, ulong words, int bytes)
{
    // Read on the way of every fault, together with the pointer: nothing may be kept in a register across an acquire.
    private readonly byte* _memory = memory;

    /// <summary>Number of words if they have 64 bits, or else none. One compare then finds both a bad index and another
    /// width.</summary>
    private readonly ulong _longWords = bytes == sizeof(ulong) ? words : 0;

    private readonly ulong _words = words;
    private readonly int _bytes = bytes;

    public byte* Memory => _memory;

    public ulong Load(ulong index) => index < _longWords ? Volatile.Read(ref Long(index)) : LoadShort(index);

    public void Store(ulong index, ulong value, MemoryOrder order)
    {
        if (index < _longWords)
        {
            Volatile.Write(ref Long(index), value);
        }
        else if (Check(index) == sizeof(uint))
        {
            Volatile.Write(ref Int(index), (uint)value);
        }
        else
        {
            Volatile.Write(ref _memory[index], (byte)value);
        }

        if (order == MemoryOrder.SequentiallyConsistent)
        {
            Interlocked.MemoryBarrier();
        }
    }

    public ulong CompareExchange(ulong index, ulong expected, ulong desired) =>
        index < _longWords ? Interlocked.CompareExchange(ref Long(index), desired, expected)
        : Check(index) == sizeof(uint) ? Interlocked.CompareExchange(ref Int(index), (uint)desired, (uint)expected)
        : Interlocked.CompareExchange(ref _memory[index], (byte)desired, (byte)expected);

    public ulong And(ulong index, ulong mask) =>
        index < _longWords ? Interlocked.And(ref Long(index), mask)
        : Check(index) == sizeof(uint) ? Interlocked.And(ref Int(index), (uint)mask)
        : AndByte(index, (byte)mask);

    public ulong Or(ulong index, ulong bits) =>
        index < _longWords ? Interlocked.Or(ref Long(index), bits)
        : Check(index) == sizeof(uint) ? Interlocked.Or(ref Int(index), (uint)bits)
        : OrByte(index, (byte)bits);

    public ulong Add(ulong index, ulong addend) => Loop(index, addend, static (old, a) => unchecked(old + a));

    public ulong Exchange(ulong index, ulong value) => Loop(index, value, static (_, v) => v);

    public void Fill(ulong first, ulong count, ulong value)
    {
        if (count == 0)
        {
            return;
        }

        // Not first + count: the sum may wrap.
        if (first >= _words || count > _words - first)
        {
            Complain(Math.Max(first, _words));
        }

        if (IsOneByteRepeated(value))
        {
            // The C library knows best how this machine fills memory, and switches with the size of the range.
            NativeMemory.Fill(_memory + (first * (ulong)_bytes), (nuint)(count * (ulong)_bytes), (byte)value);
            return;
        }

        for (var i = first; i < first + count;)
        {
            var length = (int)Math.Min(1 << 28, first + count - i);
            switch (_bytes)
            {
                case 8:
                    new Span<ulong>((ulong*)_memory + i, length).Fill(value);
                    break;
                case 4:
                    new Span<uint>((uint*)_memory + i, length).Fill((uint)value);
                    break;
                default:
                    new Span<byte>(_memory + i, length).Fill((byte)value);
                    break;
            }

            i += (ulong)length;
        }
    }

    private bool IsOneByteRepeated(ulong value)
    {
        var repeated = (byte)value * 0x0101_0101_0101_0101UL;
        return ((value ^ repeated) & (ulong.MaxValue >> (64 - (_bytes * 8)))) == 0;
    }

    private ulong Loop(ulong index, ulong operand, Func<ulong, ulong, ulong> change)
    {
        while (true)
        {
            var old = Load(index);
            if (CompareExchange(index, old, change(old, operand)) == old)
            {
                return old;
            }
        }
    }

    /// <summary>Put into the caller with the rest: a call, even one that is never made, costs a loop its
    /// registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong LoadShort(ulong index) =>
        Check(index) == sizeof(uint) ? Volatile.Read(ref Int(index)) : Volatile.Read(ref _memory[index]);

    // The library has no atomics of these two for a byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong AndByte(ulong index, byte mask)
    {
        while (true)
        {
            var old = Volatile.Read(ref _memory[index]);
            if (Interlocked.CompareExchange(ref _memory[index], (byte)(old & mask), old) == old)
            {
                return old;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong OrByte(ulong index, byte bits)
    {
        while (true)
        {
            var old = Volatile.Read(ref _memory[index]);
            if (Interlocked.CompareExchange(ref _memory[index], (byte)(old | bits), old) == old)
            {
                return old;
            }
        }
    }

    private ref ulong Long(ulong index) => ref ((ulong*)_memory)[index];

    private ref uint Int(ulong index) => ref ((uint*)_memory)[index];

    /// <summary>The width in bytes, once the index is known to be one. The library's own check prepares what it would
    /// complain of on the way that does not.</summary>
    private int Check(ulong index)
    {
        if (index >= _words)
        {
            Complain(index);
        }

        return _bytes;
    }

    [DoesNotReturn]
    private void Complain(ulong index) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"expected less than {_words}");
}
