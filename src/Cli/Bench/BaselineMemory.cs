using System.Runtime.InteropServices;

namespace UapiLab.Cli.Bench;

/// <summary>Zeroed memory for the C baseline, aligned like that of the encodings.</summary>
internal sealed unsafe class BaselineMemory : IDisposable
{
    private const nuint CacheLine = 64;

    public BaselineMemory(long bytes)
    {
        Words = (ulong*)NativeMemory.AlignedAlloc((nuint)Math.Max((long)CacheLine, bytes), CacheLine);
        NativeMemory.Clear(Words, (nuint)bytes);
        Bytes = bytes;
    }

    public long Bytes { get; }

    public ulong* Words { get; }

    public void Dispose() => NativeMemory.AlignedFree(Words);
}
