using System.ComponentModel;
using System.Runtime.InteropServices;

namespace UapiLab.Live.Os;

/// <summary>What is called of the C library.</summary>
internal static unsafe partial class Libc
{
    public const int ReadWrite = 2;
    public const int CloseOnExec = 0x80000;
    public const uint CloseOnMemoryExec = 1; // MFD_CLOEXEC

    private const string Library = "libc";
    private const int Interrupted = 4; // EINTR
    private const int Again = 11; // EAGAIN
    private const int Exists = 17; // EEXIST
    private const int TemporaryFile = 0x400000; // O_TMPFILE without O_DIRECTORY, which differs between processors
    private const int FolderOfX64 = 0x10000;
    private const int FolderOfArm64 = 0x4000;
    private const int OwnersAlone = 0x180; // 0600
    private const int TimerSlack = 29; // PR_SET_TIMERSLACK
    private const int NoEntry = 2; // ENOENT
    private const int NoDevice = 19; // ENODEV

    /// <summary>A system call by its number, which differs between processors.</summary>
    public static nint Call(SystemCall number, nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        Syscall(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? number.Arm64 : number.X64, a, b, c, d);

    /// <summary>Throws if a call failed.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="what">What it is called.</param>
    public static nint Check(nint result, string what) => result >= 0 ? result : throw Failed(what);

    /// <summary>The error of the last call, in words.</summary>
    public static Win32Exception Failed(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new(error, $"{what}: {new Win32Exception(error).Message}");
    }

    /// <summary>Whether the last call failed for now: the runtime stops threads by signals, which end a call that
    /// waits.</summary>
    public static bool MayTryAgain => Marshal.GetLastPInvokeError() is Interrupted or Again;

    /// <summary>Whether the last call failed because there is no such thing.</summary>
    public static bool IsAbsent => Marshal.GetLastPInvokeError() is NoEntry or NoDevice;

    /// <summary>Whether the last call failed because there is one already.</summary>
    public static bool IsThere => Marshal.GetLastPInvokeError() is Exists;

    /// <summary>The number of this thread.</summary>
    public static int ThreadNumber => (int)Call(SystemCall.ThreadNumber);

    /// <summary>Has this thread sleep no longer than it asks for.</summary>
    public static void SleepExactly() => Check(Control(TimerSlack, 1, 0, 0, 0), "prctl(PR_SET_TIMERSLACK)");

    /// <summary>Opens a file that no folder lists, and that goes with its descriptor.</summary>
    public static int OpenNameless(string folder) => OpenWithMode(folder, ReadWrite | CloseOnExec | TemporaryFile
        | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? FolderOfArm64 : FolderOfX64), OwnersAlone);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenWithMode(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemoryFile(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int descriptor, nint bytes);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int descriptor, void* from, nint bytes, nint at);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int descriptor, nuint request, nint argument);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int Eventfd(uint count, int flags);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* to, nint bytes);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(int descriptor, void* to, nint bytes, nint from);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* from, nint bytes);

    [LibraryImport(Library, EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, long* patience, void* signals);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    public static partial int Control(int option, nint value, nint a, nint b, nint c);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint MapMemory(nint at, nint bytes, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int UnmapMemory(nint at, nint bytes);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(void* at, nint bytes, int advice);

    /// <summary>A page is touched by it, not by managed code: a thread that sleeps in a page fault there could not be
    /// stopped by the garbage collector, and whoever ends the fault would wait for it.</summary>
    [LibraryImport(Library, EntryPoint = "memset")]
    public static partial nint Fill(void* at, int value, nint bytes);

    [LibraryImport(Library, EntryPoint = "memcpy")]
    public static partial nint Copy(void* to, void* from, nint bytes);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static partial int SetAffinity(int thread, nint bytes, ulong* cpus);

    [LibraryImport(Library, EntryPoint = "sched_getaffinity", SetLastError = true)]
    public static partial int GetAffinity(int thread, nint bytes, ulong* cpus);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d);
}

/// <summary>Numbers of a system call.</summary>
internal readonly record struct SystemCall(int X64, int Arm64)
{
    public static SystemCall Futex { get; } = new(202, 98);

    public static SystemCall Membarrier { get; } = new(324, 283);

    public static SystemCall Userfaultfd { get; } = new(323, 282);

    public static SystemCall ThreadNumber { get; } = new(186, 178);
}

/// <summary>struct pollfd.</summary>
internal struct PollEntry
{
    public const short In = 1;

    public int Descriptor;
    public short Events;
    public short Happened;
}
