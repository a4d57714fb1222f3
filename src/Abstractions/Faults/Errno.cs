namespace UapiLab.Abstractions;

/// <summary>Linux errno values (x86 numbering). A call returns 0 or the negated value, as in the kernel.</summary>
public enum Errno
{
    /// <summary>Success.</summary>
    None = 0,
    /// <summary>No such fault (ENOENT).</summary>
    NoEntry = 2,
    /// <summary>A signal arrived (EINTR).</summary>
    Interrupted = 4,
    /// <summary>No such file descriptor (EBADF).</summary>
    BadFile = 9,
    /// <summary>Try again (EAGAIN).</summary>
    Again = 11,
    /// <summary>Bad address, or KVM_RUN returned a memory fault (EFAULT).</summary>
    Fault = 14,
    /// <summary>Resource busy (EBUSY).</summary>
    Busy = 16,
    /// <summary>Invalid argument (EINVAL).</summary>
    Invalid = 22,
    /// <summary>Unknown ioctl on the file descriptor of a VM (ENOTTY); on that of a vCPU it is EINVAL.</summary>
    NotTty = 25,
    /// <summary>Already done (EALREADY).</summary>
    Already = 114,
    /// <summary>Page is poisoned (EHWPOISON).</summary>
    HwPoison = 133,
}

/// <summary>Helpers to return an errno the way the kernel does.</summary>
public static class ErrnoExtensions
{
    /// <summary>The value a system call handler returns: 0 for success, otherwise minus the errno.</summary>
    public static long Negated(this Errno errno) => -(long)errno;
}
