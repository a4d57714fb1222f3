using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace UapiLab.Live.Os;

/// <summary>A userfaultfd over missing pages of one mapping. Its structures are those of linux/userfaultfd.h.</summary>
internal sealed unsafe class Userfaultfd : IDisposable
{
    private const string Device = "/dev/userfaultfd";

    private const int UserModeOnly = 1;
    private const int NonBlocking = 0x800; // without it poll(2) says POLLERR
    private const nuint New = 0xaa00; // USERFAULTFD_IOC_NEW
    private const nuint Api = 0xc018aa3f; // UFFDIO_API
    private const nuint Register = 0xc020aa00; // UFFDIO_REGISTER
    private const nuint CopyPage = 0xc028aa03; // UFFDIO_COPY
    private const nuint WakePages = 0x8010aa02; // UFFDIO_WAKE
    private const ulong ApiNumber = 0xaa;
    private const nuint ContinuePage = 0xc020aa07; // UFFDIO_CONTINUE
    private const ulong ThreadId = 1 << 8; // UFFD_FEATURE_THREAD_ID
    private const ulong MinorShmem = 1 << 10; // UFFD_FEATURE_MINOR_SHMEM
    private const ulong Missing = 1; // UFFDIO_REGISTER_MODE_MISSING
    private const ulong Minor = 4; // UFFDIO_REGISTER_MODE_MINOR
    private const ulong DoNotWake = 1; // UFFDIO_COPY_MODE_DONTWAKE
    private const byte PageFault = 0x12; // UFFD_EVENT_PAGEFAULT

    private readonly SafeFileHandle _descriptor;

    public Userfaultfd(Mapping over)
        : this(over, 0, (int)(over.Bytes / Mapping.PageBytes), ofKernel: false)
    {
    }

    /// <param name="over">Of which mapping.</param>
    /// <param name="first">The first page.</param>
    /// <param name="count">How many.</param>
    /// <param name="ofKernel">Whether also where the kernel faults, as KVM does for a guest.</param>
    /// <param name="ofMinor">Whether also where a page of shmem is there and not mapped.</param>
    public Userfaultfd(Mapping over, int first, int count, bool ofKernel, bool ofMinor = false)
    {
        _descriptor = Open(ofKernel);
        try
        {
            Begin(Descriptor, ofMinor);
            var register = stackalloc ulong[4]
            {
                (ulong)over.Page(first), (ulong)count * (ulong)Mapping.PageBytes, Missing | (ofMinor ? Minor : 0), 0,
            };
            Libc.Check(Libc.Ioctl(Descriptor, Register, (nint)register), "UFFDIO_REGISTER");
        }
        catch
        {
            _descriptor.Dispose();
            throw;
        }
    }

    private int Descriptor => _descriptor.Number();

    /// <summary>Why there is none for this process; null if there is one.</summary>
    /// <param name="ofKernel">Whether for faults of the kernel.</param>
    /// <param name="ofMinor">Whether also for pages of shmem that are there.</param>
    public static string? Complaint(bool ofKernel = false, bool ofMinor = false)
    {
        try
        {
            using var descriptor = Open(ofKernel);
            Begin(descriptor.Number(), ofMinor);
            return null;
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }

    /// <summary>Waits until there is a message, for so many ns at most.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Wait(double ns)
    {
        var entry = new PollEntry { Descriptor = Descriptor, Events = PollEntry.In };
        var patience = stackalloc long[2] { (long)(ns / 1e9), (long)(ns % 1e9) };
        while (Libc.Poll(&entry, 1, patience, null) < 0)
        {
            Libc.Check(Libc.MayTryAgain ? 0 : -1, "poll(userfaultfd)");
        }

        return (entry.Happened & PollEntry.In) != 0;
    }

    /// <summary>Reads one message.</summary>
    /// <returns>The address of the fault; 0 if there is none after all.</returns>
    public ulong ReadFault() => ReadFault(out _);

    /// <summary>Reads one message.</summary>
    /// <param name="thread">Who faulted.</param>
    /// <returns>The address of the fault; 0 if there is none after all.</returns>
    public ulong ReadFault(out int thread)
    {
        thread = 0;
        var message = stackalloc ulong[4];
        var read = Libc.Read(Descriptor, message, 4 * sizeof(ulong));
        if (read < 0 && Libc.MayTryAgain)
        {
            return 0;
        }

        Libc.Check(read, "read(userfaultfd)");
        thread = (int)(message[3] & int.MaxValue);
        return *(byte*)message == PageFault ? message[2]
            : throw new InvalidOperationException($"userfaultfd: event {*(byte*)message:x2} in place of a page fault");
    }

    /// <summary>UFFDIO_COPY of one page, which wakes who sleeps on it.</summary>
    public void Place(byte* page, byte* content)
    {
        var copy = stackalloc ulong[5] { (ulong)page, (ulong)content, (ulong)Mapping.PageBytes, 0, 0 };
        Libc.Check(Libc.Ioctl(Descriptor, CopyPage, (nint)copy), "UFFDIO_COPY");
    }

    /// <summary>UFFDIO_COPY of one page, which wakes nobody. A page that is there stays.</summary>
    public void Map(byte* page, byte* content)
    {
        var copy = stackalloc ulong[5] { (ulong)page, (ulong)content, (ulong)Mapping.PageBytes, DoNotWake, 0 };
        while (Libc.Ioctl(Descriptor, CopyPage, (nint)copy) < 0 && !Libc.IsThere)
        {
            Libc.Check(Libc.MayTryAgain ? 0 : -1, "UFFDIO_COPY");
        }
    }

    /// <summary>UFFDIO_CONTINUE: maps a page of shmem, and wakes who sleeps on it.</summary>
    public void Continue(byte* page)
    {
        var range = stackalloc ulong[4] { (ulong)page, (ulong)Mapping.PageBytes, 0, 0 };
        Libc.Check(Libc.Ioctl(Descriptor, ContinuePage, (nint)range), "UFFDIO_CONTINUE");
    }

    /// <summary>UFFDIO_WAKE: who sleeps on a page touches it again.</summary>
    public void Wake(byte* page)
    {
        var range = stackalloc ulong[2] { (ulong)page, (ulong)Mapping.PageBytes };
        Libc.Check(Libc.Ioctl(Descriptor, WakePages, (nint)range), "UFFDIO_WAKE");
    }

    /// <summary>Whoever sleeps on a page goes on without one.</summary>
    public void Dispose() => _descriptor.Dispose();

    private static void Begin(int descriptor, bool ofMinor)
    {
        var api = stackalloc ulong[3] { ApiNumber, ThreadId | (ofMinor ? MinorShmem : 0), 0 };
        Libc.Check(Libc.Ioctl(descriptor, Api, (nint)api), "UFFDIO_API");
    }

    // The system call takes faults of user mode from anybody; a container that forbids it may have the device.
    private static SafeFileHandle Open(bool ofKernel)
    {
        var made = Libc.Call(SystemCall.Userfaultfd,
            Libc.CloseOnExec | NonBlocking | (ofKernel ? 0 : UserModeOnly));
        if (made >= 0)
        {
            return new(made, ownsHandle: true);
        }

        var refused = Libc.Failed("userfaultfd(2)");
        var device = Libc.Open(Device, Libc.ReadWrite | Libc.CloseOnExec);
        if (device < 0)
        {
            throw refused;
        }

        using var opened = new SafeFileHandle(device, ownsHandle: true);
        return Descriptors.Owned(Libc.Ioctl(device, New, Libc.CloseOnExec | NonBlocking), "USERFAULTFD_IOC_NEW");
    }
}
