using System.Runtime.InteropServices;
using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>The machine that is measured.</summary>
/// <param name="Cpus">Where threads may run.</param>
/// <param name="KvmDevice">Where KVM is.</param>
internal sealed record Host(Cpus Cpus, string KvmDevice = "/dev/kvm")
{
    private const string CpuFiles = "/sys/devices/system/cpu/";

    /// <summary>The one where a probe's own thread runs.</summary>
    public int First => Cpus.Cores[0];

    /// <summary>The one of its partner; the same where there is no other.</summary>
    public int Second => Cpus.Cores[^1];

    /// <summary>The processor as it calls itself.</summary>
    public string Cpu { get; } = SystemFile.OfCpu("model name") ?? $"{RuntimeInformation.ProcessArchitecture}";

    public string Kernel { get; } = $"Linux {SystemFile.Line("/proc/sys/kernel/osrelease")}";

    /// <summary>Whether the kernel sees a hypervisor below it.</summary>
    public bool IsGuest { get; } = $" {SystemFile.OfCpu("flags")} ".Contains(" hypervisor ", StringComparison.Ordinal);

    /// <summary>What else decides how fast it is, as the kernel says it; what it does not say is left out.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; } =
    [
        .. Said("frequency governor", CpuFiles + "cpu0/cpufreq/scaling_governor"),
        .. Said("idle driver", CpuFiles + "cpuidle/current_driver"),
        .. Said("SMT", CpuFiles + "smt/control"),
        .. Said("load", "/proc/loadavg"),
        .. Mitigations(),
    ];

    /// <summary>In one line.</summary>
    public string Text => Invariant($"{Cpu} ({Cpus.Allowed.Count} CPUs), {Kernel}")
        + (IsGuest ? ", itself a guest" : "");

    private static IEnumerable<KeyValuePair<string, string>> Said(string name, string path) =>
        SystemFile.Line(path) is { } line ? [new(name, line)] : [];

    /// <summary>Those that cost something.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Mitigations() =>
        from path in SystemFile.Folder(CpuFiles + "vulnerabilities")
        let state = SystemFile.Line(path)
        where state is not null && state != "Not affected"
        select KeyValuePair.Create(Path.GetFileName(path), state);
}
