namespace UapiLab.Harness.Uapi;

/// <summary>Values that linux/kvm.h of mainline has given away, as of summer 2026. Tests hold the older part of it to
/// the header that is installed.</summary>
internal static class UpstreamNumbers
{
    /// <summary>KVM_CAP_… up to here are taken, with few gaps that are never filled.</summary>
    public const int LastCapability = 251;

    /// <summary>Bits of memslot flags from here on are KVM's own.</summary>
    public const int FirstInternalMemslotBit = 16;

    /// <summary>Capabilities that came after the first userfault series chose their numbers.</summary>
    public static IReadOnlyDictionary<int, string> LateCapabilities { get; } = new Dictionary<int, string>
    {
        [244] = "KVM_CAP_GUEST_MEMFD_FLAGS",
        [245] = "KVM_CAP_ARM_SEA_TO_USER",
        [246] = "KVM_CAP_S390_USER_OPEREXEC",
        [247] = "KVM_CAP_S390_KEYOP",
        [248] = "KVM_CAP_S390_VSIE_ESAMODE",
        [249] = "KVM_CAP_S390_HPAGE_2G",
        [250] = "KVM_CAP_PPC_COMPAT_CAPS",
        [251] = "KVM_CAP_ARM_PMU_V3_STRICT",
    };

    /// <summary>Flag bits by field.</summary>
    public static IReadOnlyDictionary<(string Field, int Bit), string> Flags { get; } = new Dictionary<(string, int),
        string>
    {
        [("kvm_userspace_memory_region2.flags", 0)] = "KVM_MEM_LOG_DIRTY_PAGES",
        [("kvm_userspace_memory_region2.flags", 1)] = "KVM_MEM_READONLY",
        [("kvm_userspace_memory_region2.flags", 2)] = "KVM_MEM_GUEST_MEMFD",
        [("kvm_run.memory_fault.flags", 3)] = "KVM_MEMORY_EXIT_FLAG_PRIVATE",
    };
}
