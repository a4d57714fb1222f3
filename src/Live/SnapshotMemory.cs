using Microsoft.Win32.SafeHandles;
using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>A snapshot in a file without a name, and the memory that is restored from it.</summary>
internal sealed unsafe class SnapshotMemory : IDisposable
{
    private readonly int _pages;
    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle? _shmem;
    private readonly Mapping _guest;

    /// <summary>What the VMM sees of shmem; otherwise one page, into which it reads.</summary>
    private readonly Mapping _vmm;

    private readonly Mapping _content = new(1);
    private Userfaultfd? _userfaultfd;

    public SnapshotMemory(int pages, bool isMinor)
    {
        _pages = pages;
        _file = Descriptors.Owned(Libc.OpenNameless(Path.GetTempPath()), "open(O_TMPFILE)");
        if (!isMinor)
        {
            (_guest, _vmm) = (new(pages), new(1));
            return;
        }

        var bytes = (nint)pages * Mapping.PageBytes;
        _shmem = Descriptors.Owned(Libc.MemoryFile("uapilab", Libc.CloseOnMemoryExec), "memfd_create");
        Libc.Check(Libc.Truncate(_shmem.Number(), bytes), "ftruncate(memfd)");
        (_guest, _vmm) = (new(_shmem, bytes), new(_shmem, bytes));
    }

    /// <summary>Writes a page of the snapshot; one that is local is in shmem as well.</summary>
    public void Fill(int page, bool isLocal)
    {
        Libc.Fill(_content.At, 1, Mapping.PageBytes);
        *(ulong*)_content.At = Stamp(page);
        Libc.Check(Libc.WriteAt(_file.Number(), _content.At, Mapping.PageBytes, (nint)page * Mapping.PageBytes),
            "pwrite(snapshot)");
        if (isLocal && _shmem is not null)
        {
            Libc.Copy(_vmm.Page(page), _content.At, Mapping.PageBytes);
        }
    }

    /// <summary>From here on who touches a page sleeps until it is placed.</summary>
    public void Arm() => _userfaultfd = new(_guest, 0, _pages, ofKernel: false, ofMinor: _shmem is not null);

    /// <summary>Touches a page.</summary>
    /// <returns>Whether it holds what the file has.</returns>
    public bool Touch(int page, bool write)
    {
        if (write)
        {
            Libc.Fill(_guest.Page(page) + sizeof(ulong), 2, 1);
        }

        ulong found;
        Libc.Copy(&found, _guest.Page(page), sizeof(ulong));
        return found == Stamp(page);
    }

    /// <summary>Waits for a fault, for so many ns at most.</summary>
    public bool Wait(double ns) => _userfaultfd!.Wait(ns);

    /// <summary>The page of the next fault; -1 if there is none after all.</summary>
    public int ReadFault() => _userfaultfd!.ReadFault() is > 0 and var address
        ? (int)((address - (ulong)_guest.At) / (ulong)Mapping.PageBytes) : -1;

    /// <summary>Reads the page from the file, where it is not in shmem, and gives it to who waits.</summary>
    public void Place(int page)
    {
        if (_shmem is null)
        {
            Read(page, _vmm.At);
            _userfaultfd!.Place(_guest.Page(page), _vmm.At);
            return;
        }

        if (*(ulong*)_vmm.Page(page) != Stamp(page))
        {
            Read(page, _vmm.Page(page));
        }

        _userfaultfd!.Continue(_guest.Page(page));
    }

    /// <summary>Whoever sleeps on a page goes on without one.</summary>
    public void Release() => _userfaultfd?.Dispose();

    public void Dispose()
    {
        Release();
        _guest.Dispose();
        _vmm.Dispose();
        _content.Dispose();
        _shmem?.Dispose();
        _file.Dispose();
    }

    private static ulong Stamp(int page) => ~(ulong)page;

    private void Read(int page, byte* to) => Libc.Check(
        Libc.ReadAt(_file.Number(), to, Mapping.PageBytes, (nint)page * Mapping.PageBytes), "pread(snapshot)");
}
