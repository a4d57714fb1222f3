namespace UapiLab.Abstractions;

/// <summary>Structures of linux/kvm.h that encodings extend, as they are without any of them (mainline,
/// v6.18).</summary>
public static class LinuxKvm
{
    /// <summary>Every structure here.</summary>
    public static IReadOnlyList<StructSpec> Structs => [MemoryRegion2, Run, EnableCap];

    /// <summary>Argument of KVM_SET_USER_MEMORY_REGION2. KVM checks neither pad1 nor pad2 to be zero.</summary>
    public static StructSpec MemoryRegion2 => MemoryRegion2With(new FieldSpec("pad1", "__u32", 44));

    /// <summary>The page shared with each vCPU, on x86. Of the union's members it holds those that an encoding may
    /// touch and the one that decides its size.</summary>
    public static StructSpec Run => RunWith();

    /// <summary>Argument of KVM_ENABLE_CAP.</summary>
    public static StructSpec EnableCap => new("kvm_enable_cap",
        [new("cap", "__u32", 0), new("flags", "__u32", 4, MustBeZero: true), new("args", "__u64", 8, 4),
            new("pad", "__u8", 40, 64)], 104)
    {
        Doc = "For KVM_ENABLE_CAP.",
    };

    /// <summary><see cref="MemoryRegion2"/> with other fields in place of its padding from byte 44 on; what they leave
    /// is pad2 again.</summary>
    public static StructSpec MemoryRegion2With(params FieldSpec[] fields)
    {
        const int Size = 160;
        FieldSpec last = fields[^1];
        int padOffset = last.Offset + ((last.Type == "__u32" ? 4 : 8) * last.Elements);
        return new("kvm_userspace_memory_region2",
        [
            new("slot", "__u32", 0), new("flags", "__u32", 4), new("guest_phys_addr", "__u64", 8),
            new("memory_size", "__u64", 16), new("userspace_addr", "__u64", 24) { PointsTo = "void" },
            new("guest_memfd_offset", "__u64", 32), new("guest_memfd", "__u32", 40),
            .. fields,
            new("pad2", "__u64", padOffset, (Size - padOffset) / 8),
        ], Size)
        {
            Doc = "For KVM_SET_USER_MEMORY_REGION2.",
        };
    }

    /// <summary><see cref="Run"/> with changes.</summary>
    /// <param name="inPlaceOfPadding1">What stands in bytes 2 to 7.</param>
    /// <param name="afterMemoryFault">Fields appended to memory_fault.</param>
    /// <param name="unionPadding">Elements of the union's own padding.</param>
    public static StructSpec RunWith(
        IReadOnlyList<FieldSpec>? inPlaceOfPadding1 = null,
        IReadOnlyList<FieldSpec>? afterMemoryFault = null,
        int unionPadding = 256) =>
        new("kvm_run",
        [
            new("request_interrupt_window", "__u8", 0),
            new("immediate_exit", "__u8", 1),
            .. inPlaceOfPadding1 ?? [new("padding1", "__u8", 2, 6)],
            new("exit_reason", "__u32", 8) { FilledByKvm = true },
            new("ready_for_interrupt_injection", "__u8", 12) { FilledByKvm = true },
            new("if_flag", "__u8", 13) { FilledByKvm = true },
            new("flags", "__u16", 14) { FilledByKvm = true },
            new("cr8", "__u64", 16),
            new("apic_base", "__u64", 24),
            new("", "union", 32) { Members = ExitUnion(afterMemoryFault ?? [], unionPadding) },
            new("kvm_valid_regs", "__u64", 288),
            new("kvm_dirty_regs", "__u64", 296),
            new("s", "union", 304) { Members = [new("padding", "char", 0, 2048)] },
        ], 2352)
        {
            Doc = "The page that KVM_RUN shares with userspace.",
        };

    private static IReadOnlyList<FieldSpec> ExitUnion(IReadOnlyList<FieldSpec> afterMemoryFault, int padding) =>
    [
        new("memory_fault", "struct", 0)
        {
            Doc = "KVM_EXIT_MEMORY_FAULT",
            Members =
            [
                new("flags", "__u64", 0) { FilledByKvm = true },
                new("gpa", "__u64", 8) { FilledByKvm = true },
                new("size", "__u64", 16) { FilledByKvm = true },
                .. afterMemoryFault,
            ],
        },
        // With its 256 bytes, this keeps the union's size whatever the padding says.
        new("osi", "struct", 0)
        {
            Doc = "KVM_EXIT_OSI",
            Members = [new("gprs", "__u64", 0, 32) { FilledByKvm = true }],
        },
        new("padding", "char", 0, padding),
    ];
}
