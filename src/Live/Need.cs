using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>What a host lacks.</summary>
/// <param name="Why">In one line, without a full stop; where it is a right, also what to ask for.</param>
/// <param name="IsRight">Whether the machine has it and this process may not use it.</param>
internal sealed record Lack(string Why, bool IsRight);

/// <summary>What a probe needs.</summary>
internal sealed class Need(string name, Func<Host, Lack?> lack)
{
    /// <summary>A thread on each of two cores.</summary>
    public static Need TwoCores { get; } = Cores(2);

    /// <summary>A reader, one thread that faults, and two more.</summary>
    public static Need FourCores { get; } = Cores(4);

    public static Need Userfaultfd { get; } = new("userfaultfd", _ => Os.Userfaultfd.Complaint() is { } complaint
        ? new($"{complaint}; ask for a seccomp profile that allows userfaultfd(2), or for /dev/userfaultfd", true)
        : null);

    /// <summary>A userfaultfd that also sees where the kernel faults, as KVM does for a guest.</summary>
    public static Need KernelUserfaultfd { get; } = new("userfaultfd of the kernel",
        _ => Os.Userfaultfd.Complaint(ofKernel: true) is { } complaint
            ? new($"{complaint}; ask for CAP_SYS_PTRACE, for vm.unprivileged_userfaultfd=1 or for "
                + "/dev/userfaultfd", true)
            : null);

    public static Need Membarrier { get; } = new("membarrier", _ => Os.Membarrier.IsThere ? null
        : new("membarrier(2) has no MEMBARRIER_CMD_PRIVATE_EXPEDITED here", false));

    /// <summary>A guest of x86 that passes its self-test.</summary>
    public static Need Kvm { get; } = new("KVM", host => TinyGuest.LackOf(host.KvmDevice));

    /// <summary>KVM's module, which says how long it polls.</summary>
    public static Need KvmParameters { get; } = new("the module kvm", _ => SystemFile.Line(HaltPollFile) is not null
        ? null : new($"there is no {HaltPollFile}: the module kvm is not loaded", false));

    /// <summary>Where KVM says how long it polls.</summary>
    public static string HaltPollFile => "/sys/module/kvm/parameters/halt_poll_ns";

    /// <summary>As a document names it.</summary>
    public string Name => name;

    public Lack? LackOf(Host host) => lack(host);

    private static Need Cores(int count) => new(Invariant($"{count} cores"), host => host.Cpus.Cores.Count >= count
        ? null
        : new(Invariant($"it takes {count} cores, and this process may use {host.Cpus.Cores.Count}"), false));
}
