using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>The parts of KVM Userfault's uAPI that every encoding here stands on, as data.</summary>
internal static class UserfaultUapi
{
    public static CapabilitySpec Capability => new("KVM_CAP_USERFAULT", 245, "informational",
        "KVM_MEM_USERFAULT is available; the number is that of the 2026 out-of-tree series.");

    public static FlagSpec MemslotFlag => new("KVM_MEM_USERFAULT", "kvm_userspace_memory_region2.flags", 3,
        "Faults in the slot consult userfault_bitmap.");

    public static FlagSpec ExitFlag => new("KVM_MEMORY_EXIT_FLAG_USERFAULT", "kvm_run.memory_fault.flags", 4,
        "The frame is marked in the bitmap.");

    /// <summary>userfault_bitmap took one of the fourteen reserved words.</summary>
    public static StructSpec MemoryRegion2 => MemoryRegion2With(
        new("pad1", "__u32", 44),
        new("userfault_bitmap", "__u64", 48));

    public static StructSpec MemoryFault => new("memory_fault", MemoryFaultFields, 24);

    public static IReadOnlyList<FieldSpec> MemoryFaultFields =>
        [new("flags", "__u64", 0), new("gpa", "__u64", 8), new("size", "__u64", 16)];

    /// <summary>struct kvm_userspace_memory_region2 with other fields in place of its padding from byte 44 on.</summary>
    public static StructSpec MemoryRegion2With(params FieldSpec[] fields)
    {
        const int Size = 160;
        int padOffset = fields[^1].Offset + (8 * fields[^1].Elements);
        return new("kvm_userspace_memory_region2",
        [
            new("slot", "__u32", 0), new("flags", "__u32", 4), new("guest_phys_addr", "__u64", 8),
            new("memory_size", "__u64", 16), new("userspace_addr", "__u64", 24),
            new("guest_memfd_offset", "__u64", 32), new("guest_memfd", "__u32", 40),
            .. fields,
            new("pad2", "__u64", padOffset, (Size - padOffset) / 8),
        ], Size);
    }
}
