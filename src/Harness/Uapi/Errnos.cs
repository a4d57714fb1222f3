using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>Errno values by the names that documentation uses.</summary>
internal static class Errnos
{
    public static string Name(Errno errno) => errno switch
    {
        Errno.NoEntry => "ENOENT",
        Errno.Interrupted => "EINTR",
        Errno.Again => "EAGAIN",
        Errno.Fault => "EFAULT",
        Errno.Busy => "EBUSY",
        Errno.Invalid => "EINVAL",
        Errno.NotTty => "ENOTTY",
        Errno.Already => "EALREADY",
        Errno.HwPoison => "EHWPOISON",
        _ => Invariant($"errno {(int)errno}"),
    };
}
