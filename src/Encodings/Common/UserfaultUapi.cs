using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>The parts of KVM Userfault's uAPI that every encoding here stands on, as data.</summary>
internal static class UserfaultUapi
{
    public const string CapabilityName = "KVM_CAP_USERFAULT";
    public const string MemslotFlagName = "KVM_MEM_USERFAULT";
    public const string MemslotFlagsField = "kvm_userspace_memory_region2.flags";
    public const string ExitFlagsField = "kvm_run.memory_fault.flags";

    public static CapabilitySpec Capability => new(CapabilityName, 245, "informational",
        "KVM_MEM_USERFAULT is available.")
    {
        NumberDoc = "The number is that of the series carried in 2026; KVM Userfault v1 and v2 had 239, v3 had 243.",
    };

    public static FlagSpec MemslotFlag => MemslotFlagOf(CapabilityName);

    /// <summary>KVM_MEM_USERFAULT is what userspace sets to see it.</summary>
    public static FlagSpec ExitFlag => ExitFlagOf(CapabilityName);

    /// <summary>userfault_bitmap took one of the fourteen reserved words.</summary>
    public static StructSpec MemoryRegion2 => LinuxKvm.MemoryRegion2With(
        new("pad1", "__u32", 44),
        new("userfault_bitmap", "__u64", 48)
        {
            Doc = "One bit per gfn of the slot, 1 = a fault exits to userspace.",
            PointsTo = "unsigned long",
            ValidWith = MemslotFlagName,
        });

    public static FlagSpec MemslotFlagOf(string capability) => new(MemslotFlagName, MemslotFlagsField, 3,
        "Faults in the slot consult userspace's per-gfn state.")
    { Capability = capability };

    public static FlagSpec ExitFlagOf(string capability) => new("KVM_MEMORY_EXIT_FLAG_USERFAULT", ExitFlagsField, 4,
        "The gfn is marked by userspace. KVM_RUN returned -1 with errno EFAULT.")
    { Capability = capability, OptIn = MemslotFlagName };
}
