using UapiLab.Abstractions;

namespace UapiLab.Encodings.Exitless;

/// <summary>struct kvm_apf_eventfd: {s32 fd; s32 complete_fd; u32 flags; u32 padding; u64 reserved[2]}.</summary>
internal static class EventfdRequest
{
    private const uint Deregister = uint.MaxValue;

    public static StructSpec Struct => new("kvm_apf_eventfd",
    [
        new("fd", "__s32", 0) { Doc = "Signalled by KVM; -1 deregisters." },
        new("complete_fd", "__s32", 4) { Doc = "Signalled by userspace." },
        new("flags", "__u32", 8, MustBeZero: true),
        new("padding", "__u32", 12, MustBeZero: true),
        new("reserved", "__u64", 16, 2, MustBeZero: true),
    ], 32)
    {
        Doc = "For KVM_SET_APF_EVENTFD.",
    };

    public static IoctlSpec Ioctl =>
        new("KVM_SET_APF_EVENTFD", ExitlessLayout.SetEventfd, "W", "kvm_apf_eventfd", TakesVcpuMutex: true,
        [
            (Errno.Invalid, "flags, padding or reserved is not 0, fd is below -1, or fd is not -1 and is complete_fd"),
            (Errno.BadFile, "fd or complete_fd is not open"),
            (Errno.Busy, "an APF of the vCPU is outstanding"),
        ],
        "Gives the vCPU a page with two rings, mapped at page offset 3 of its fd, and the eventfds that go with them.")
        {
            WellFormed = Of(Deregister, 0),
        };

    public static IoctlArgument Of(uint fd, uint completeFd) => new(fd | (ulong)completeFd << 32);

    /// <summary>Registers or deregisters. A second registration gives a new, empty page.</summary>
    public static Errno Set<TKvm>(TKvm kvm, IoctlCall call)
        where TKvm : struct, IKvm
    {
        (ulong fds, ulong flagsAndPadding, ulong reserved0, ulong reserved1) = call.Argument;
        uint fd = (uint)(fds & uint.MaxValue);
        uint completeFd = (uint)(fds >> 32);
        int vcpu = call.Vcpu;
        if (flagsAndPadding != 0 || reserved0 != 0 || reserved1 != 0 || (fd > int.MaxValue && fd != Deregister)
            || (fd == completeFd && fd != Deregister))
        {
            return Errno.Invalid;
        }

        if (fd != Deregister && (fd != ExitlessLayout.NotifyFd(vcpu) || completeFd != ExitlessLayout.CompleteFd(vcpu)))
        {
            return Errno.BadFile;
        }

        if (kvm.ApfAt(vcpu, 0).Exists)
        {
            return Errno.Busy;
        }

        kvm.Store(ExitlessLayout.Registered, ExitlessLayout.Registered.At(vcpu), fd == Deregister ? 0UL : 1UL);
        foreach (Region index in (ReadOnlySpan<Region>)[ExitlessLayout.Notify, ExitlessLayout.Complete])
        {
            kvm.Store(index, ExitlessLayout.Head(index, vcpu), 0);
            kvm.Store(index, ExitlessLayout.Tail(index, vcpu), 0);
        }

        kvm.Store(ExitlessLayout.KvmHead, ExitlessLayout.KvmHead.At(vcpu), 0);
        kvm.Store(ExitlessLayout.Flags, ExitlessLayout.Flags.At(vcpu), 0, MemoryOrder.Release);
        return Errno.None;
    }
}
