using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Native;

/// <summary>Declared regions as real memory: one zeroed, cache-line-aligned allocation each.</summary>
public sealed unsafe class NativeRegions : IDisposable
{
    private const nuint CacheLine = 64;

    private readonly NativeRegion* regions;
    private readonly int count;

    /// <summary>Allocates every region of an encoding.</summary>
    /// <param name="encoding">Whose.</param>
    /// <param name="vcpus">vCPUs.</param>
    /// <param name="gfns">Frames.</param>
    /// <param name="apfLimit">APF slots per vCPU.</param>
    public NativeRegions(Encoding encoding, int vcpus, long gfns, int apfLimit = 64)
    {
        count = encoding.Regions.Count;
        regions = (NativeRegion*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(NativeRegion));
        for (var i = 0; i < count; i++)
        {
            var spec = encoding.Regions[i];
            var words = spec.Words(vcpus, vcpus * apfLimit, gfns);
            var bytes = (nuint)(words * spec.WordBits / 8);
            var memory = (byte*)NativeMemory.AlignedAlloc((bytes + CacheLine - 1) / CacheLine * CacheLine, CacheLine);
            NativeMemory.Clear(memory, bytes);
            regions[i] = new NativeRegion { Memory = memory, Words = (ulong)words, Bytes = spec.WordBits / 8 };
        }
    }

    internal NativeRegion* First => regions;

    /// <summary>A word, for tests.</summary>
    public ulong Read(int region, ulong index) => regions[region].Load(index);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = 0; i < count; i++)
        {
            NativeMemory.AlignedFree(regions[i].Memory);
        }

        NativeMemory.Free(regions);
        GC.SuppressFinalize(this);
    }
}

/// <summary>One region. Out-of-range indices throw, as in every world.</summary>
internal unsafe struct NativeRegion
{
    public byte* Memory;
    public ulong Words;
    public int Bytes;

    public readonly ulong Load(ulong index)
    {
        Check(index);
        return Bytes == 8 ? Volatile.Read(ref ((ulong*)Memory)[index])
            : Bytes == 4 ? Volatile.Read(ref ((uint*)Memory)[index])
            : Volatile.Read(ref Memory[index]);
    }

    public readonly void Store(ulong index, ulong value, MemoryOrder order)
    {
        Check(index);
        switch (Bytes)
        {
            case 8:
                Volatile.Write(ref ((ulong*)Memory)[index], value);
                break;
            case 4:
                Volatile.Write(ref ((uint*)Memory)[index], (uint)value);
                break;
            default:
                Volatile.Write(ref Memory[index], (byte)value);
                break;
        }

        if (order == MemoryOrder.SequentiallyConsistent)
        {
            Interlocked.MemoryBarrier();
        }
    }

    public readonly ulong CompareExchange(ulong index, ulong expected, ulong desired)
    {
        Check(index);
        return Bytes switch
        {
            8 => Interlocked.CompareExchange(ref ((ulong*)Memory)[index], desired, expected),
            4 => Interlocked.CompareExchange(ref ((uint*)Memory)[index], (uint)desired, (uint)expected),
            _ => Interlocked.CompareExchange(ref Memory[index], (byte)desired, (byte)expected),
        };
    }

    public readonly ulong And(ulong index, ulong mask)
    {
        Check(index);
        return Bytes == 8 ? Interlocked.And(ref ((ulong*)Memory)[index], mask)
            : Bytes == 4 ? Interlocked.And(ref ((uint*)Memory)[index], (uint)mask)
            : Loop(index, mask, static (old, m) => old & m);
    }

    public readonly ulong Or(ulong index, ulong bits)
    {
        Check(index);
        return Bytes switch
        {
            8 => Interlocked.Or(ref ((ulong*)Memory)[index], bits),
            4 => Interlocked.Or(ref ((uint*)Memory)[index], (uint)bits),
            _ => Loop(index, bits, static (old, b) => old | b),
        };
    }

    public readonly ulong Add(ulong index, ulong addend) => Loop(index, addend, static (old, a) => unchecked(old + a));

    public readonly ulong Exchange(ulong index, ulong value) => Loop(index, value, static (_, v) => v);

    public readonly void Fill(ulong first, ulong count, ulong value)
    {
        if (count == 0)
        {
            return;
        }

        Check(first + count - 1);
        if (IsOneByteRepeated(value))
        {
            // The C library knows best how this machine fills memory, and switches with the size of the range.
            NativeMemory.Fill(Memory + (first * (ulong)Bytes), (nuint)(count * (ulong)Bytes), (byte)value);
            return;
        }

        for (var i = first; i < first + count;)
        {
            var length = (int)Math.Min(1 << 28, first + count - i);
            switch (Bytes)
            {
                case 8:
                    new Span<ulong>((ulong*)Memory + i, length).Fill(value);
                    break;
                case 4:
                    new Span<uint>((uint*)Memory + i, length).Fill((uint)value);
                    break;
                default:
                    new Span<byte>(Memory + i, length).Fill((byte)value);
                    break;
            }

            i += (ulong)length;
        }
    }

    private readonly bool IsOneByteRepeated(ulong value)
    {
        var repeated = (byte)value * 0x0101_0101_0101_0101UL;
        return ((value ^ repeated) & (ulong.MaxValue >> (64 - (Bytes * 8)))) == 0;
    }

    private readonly ulong Loop(ulong index, ulong operand, Func<ulong, ulong, ulong> change)
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

    /// <summary>The library's own check prepares what it would complain of on the way that does not.</summary>
    private readonly void Check(ulong index)
    {
        if (index >= Words)
        {
            Complain(index);
        }
    }

    [DoesNotReturn]
    private readonly void Complain(ulong index) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, $"expected less than {Words}");
}
