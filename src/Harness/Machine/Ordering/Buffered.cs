using System.Runtime.InteropServices;

namespace UapiLab.Harness.Machines;

/// <summary>A store that other threads cannot see yet.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Buffered
{
    public ulong Value;
    public int Location;
    public bool IsRelease, IsUsed, Unused0, Unused1;
}

/// <summary>An older value of a word that somebody may still read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OldValue
{
    public ulong Value;
    public int Stamp, Unused;
}
