using Microsoft.Win32.SafeHandles;

namespace UapiLab.Live.Os;

/// <summary>Memory of its own pages, or that of a descriptor.</summary>
internal sealed unsafe class Mapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int Shared = 1;
    private const int Private = 2;
    private const int Anonymous = 0x20;
    private const int DontNeed = 4;
    private const int NoHugePage = 15;

    /// <summary>Anonymous pages, none of them there yet, of 4 KiB each.</summary>
    public Mapping(int pages)
        : this(pages * PageBytes, Private | Anonymous, descriptor: -1) =>
        // A kernel without huge pages does not know the advice, and needs none.
        _ = Libc.Advise(At, Bytes, NoHugePage);

    /// <summary>What a descriptor shows of itself.</summary>
    public Mapping(SafeFileHandle descriptor, nint bytes)
        : this(bytes, Shared, descriptor.Number())
    {
    }

    private Mapping(nint bytes, int flags, int descriptor)
        : base(ownsHandle: true)
    {
        Bytes = bytes;
        SetHandle(Libc.MapMemory(0, bytes, ReadWrite, flags, descriptor, 0));
        if (IsInvalid)
        {
            throw Libc.Failed("mmap");
        }
    }

    /// <summary>Of the pages that are measured.</summary>
    public static int PageBytes => 4096;

    public byte* At => (byte*)handle;

    public nint Bytes { get; }

    /// <summary>The first byte of a page.</summary>
    public byte* Page(int number) => At + ((nint)number * PageBytes);

    /// <summary>Takes pages away again.</summary>
    public void Discard(int first, int count) =>
        Libc.Check(Libc.Advise(Page(first), (nint)count * PageBytes, DontNeed), "madvise(MADV_DONTNEED)");

    protected override bool ReleaseHandle() => Libc.UnmapMemory(handle, Bytes) == 0;
}

/// <summary>Descriptors as the system numbers them.</summary>
internal static class Descriptors
{
    /// <summary>Its number; whoever uses it keeps the handle.</summary>
    public static int Number(this SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    /// <summary>Owns what a call returned.</summary>
    public static SafeFileHandle Owned(nint result, string what) => new(Libc.Check(result, what), ownsHandle: true);
}
