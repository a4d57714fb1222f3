using System.Runtime.InteropServices;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Ordering;

/// <summary>A store that other threads cannot see yet. <see cref="SharedMemory"/> clears and renames it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Buffered
{
    [Field(Names.Bits, Live.Always)] public ulong Value;
    [Field(Names.Nothing, Live.Always)] public int Location;
    [Field(Names.Nothing, Live.Always)] public bool IsRelease, IsUsed;
    [Filler] public bool Filler0, Filler1;
}

/// <summary>An older value of a word that a thread may still read. <see cref="SharedMemory"/> clears and renames
/// it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OldValue
{
    [Field(Names.Bits, Live.Always)] public ulong Value;
    [Field(Names.Nothing, Live.Always)] public int Stamp;
    [Filler] public int Filler0;
}
