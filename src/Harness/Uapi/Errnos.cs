using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>Errno values by the names that documentation uses.</summary>
internal static class Errnos
{
    /// <summary>What KVM answers to an ioctl that it does not know, by the file descriptor that it is called on:
    /// kvm_arch_vcpu_ioctl and kvm_arch_dev_ioctl of x86 say EINVAL, kvm_arch_vm_ioctl says ENOTTY.</summary>
    public static Errno OfUnknown(IoctlTarget target) => target == IoctlTarget.Vm ? Errno.NotTty : Errno.Invalid;

    public static string Name(Errno errno) => errno switch
    {
        Errno.NoEntry => "ENOENT",
        Errno.Interrupted => "EINTR",
        Errno.BadFile => "EBADF",
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
