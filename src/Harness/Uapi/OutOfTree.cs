namespace UapiLab.Harness.Uapi;

/// <summary>A value that a series outside of mainline uses.</summary>
/// <param name="Place">"capability", "ioctl", or the field of a flag.</param>
/// <param name="Value">Number, or bit.</param>
/// <param name="Name">Macro.</param>
/// <param name="Series">Which series.</param>
internal sealed record OutOfTreeValue(string Place, int Value, string Name, string Series);

/// <summary>Values that posted or carried series use, and that no mainline header defends.</summary>
internal static class OutOfTree
{
    private const string ExitFlags = "kvm_run.memory_fault.flags";
    private const string Moorthy =
        "\"Improve KVM + userfaultfd performance via KVM_EXIT_MEMORY_FAULTs on stage-2 faults\" (Moorthy, 2023-24)";
    private const string FirstUserfault = "the first KVM Userfault RFC (Houghton, July 2024)";
    private const string Userfault = "KVM Userfault (Houghton, v1 to v3)";
    private const string AsyncPfUser = "\"KVM: x86: async PF user\" (Kalyazin, November 2024)";
    private const string Carried2026 = "the series carried by Firecracker (2026)";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OutOfTreeValue> Values { get; } =
    [
        new(ExitFlags, 0, "KVM_MEMORY_EXIT_FLAG_READ", Moorthy),
        new(ExitFlags, 1, "KVM_MEMORY_EXIT_FLAG_WRITE", Moorthy),
        new(ExitFlags, 2, "KVM_MEMORY_EXIT_FLAG_EXEC", Moorthy),
        new(ExitFlags, 4, "KVM_MEMORY_EXIT_FLAG_USERFAULT", Userfault),
        new(ExitFlags, 5, "KVM_MEMORY_EXIT_FLAG_ASYNC_PF_USER", AsyncPfUser),
        new(ExitFlags, 5, "KVM_MEMORY_EXIT_FLAG_APF", Carried2026),
        new("kvm_userspace_memory_region2.flags", 3, "KVM_MEM_USERFAULT", Userfault),
        new("kvm_userspace_memory_region2.flags", 3, "KVM_MEM_EXIT_ON_MISSING", Moorthy),
        new("ioctl", 0xd5, "KVM_READ_USERFAULT", FirstUserfault),
        new("ioctl", 0xd6, "KVM_ASYNC_PF_USER_READY", AsyncPfUser),
        new("ioctl", 0xd6, "KVM_ASYNC_PF", Carried2026),
        new("ioctl", 0xd9, "KVM_SET_APF_EVENTFD", Carried2026),
        new("capability", 236, "KVM_CAP_USERFAULT", FirstUserfault),
        new("capability", 239, "KVM_CAP_USERFAULT", "KVM Userfault v1 and v2 (Houghton)"),
        new("capability", 240, "KVM_CAP_USERFAULT",
            "patches in a reply to KVM Userfault v2 (Christopherson, May 2025)"),
        new("capability", 243, "KVM_CAP_USERFAULT", "KVM Userfault v3 (Houghton)"),
        new("capability", 245, "KVM_CAP_USERFAULT", Carried2026),
        new("capability", 246, "KVM_CAP_ASYNC_PF_USERFAULT", Carried2026),
        new("capability", 247, "KVM_CAP_ASYNC_PF_USERFAULT_EVENTFD", Carried2026),
    ];

    /// <summary>Who else uses a value, under another name.</summary>
    public static IEnumerable<OutOfTreeValue> Others(string place, int value, string name) =>
        Values.Where(v => v.Place == place && v.Value == value && v.Name != name);
}
