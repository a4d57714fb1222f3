using UapiLab.Abstractions;
using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>For each rule that looks at a description: something really wrong, and where it is to be
/// reported.</summary>
internal static class BrokenSamples
{
    public static IReadOnlyList<(string Rule, string Place, UapiModel Model)> All { get; } =
    [
        ("implicit-padding", "kvm_sample.gpa",
            Argument(new("op", "__u32", 0) { Doc = "x" }, new("gpa", "__u64", 8) { Doc = "x" },
            Samples.Reserved with { Offset = 16 })),
        ("implicit-padding", "kvm_sample",
            Argument(Samples.Gpa, Samples.Op with { Offset = 8 }, Samples.Reserved with { Offset = 16 },
            new("last", "__u32", 32) { Doc = "x" })),
        ("width-dependent-type", "kvm_sample.gpa",
            Argument(Samples.Gpa with { Type = "unsigned long" }, Samples.Op, Samples.Flags, Samples.Reserved)),
        ("width-dependent-type", "kvm_sample.kind",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved,
            new("kind", "enum kvm_kind", 32) { Doc = "x" })),
        ("width-dependent-type", "kvm_sample.where",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved,
            new("where", "void *", 32) { Doc = "x" })),
        ("width-dependent-target", "kvm_userspace_memory_region2.sample_words",
            Region2(Samples.Pointer with { PointsTo = "unsigned long" })),
        ("pointer-as-integer", "kvm_userspace_memory_region2.sample_words",
            Region2(Samples.Pointer with { Type = "__u32" })),
        ("compat-layout", "kvm_sample.gpa",
            Argument(new("op", "__u32", 0) { Doc = "x" }, new("gpa", "__u64", 8) { Doc = "x" })),
        ("declared-layout", "kvm_sample.reserved",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved with { Offset = 24 })),
        ("declared-layout", "kvm_sample", Samples.Of(argument: Samples.Clean.Find("kvm_sample")! with { Size = 40 })),
        ("declared-layout", "kvm_sample", Argument(Samples.Gpa with { Type = "struct nobody" })),
        ("reserved-unchecked", "kvm_sample.reserved",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved with { MustBeZero = false })),
        ("ungated-field", "kvm_userspace_memory_region2.sample_words",
            Region2(Samples.Pointer with { ValidWith = "" })),
        ("ungated-field", "kvm_run.memory_fault.token",
            Samples.Of(
            run: LinuxKvm.RunWith(afterMemoryFault: [new("token", "__u64", 24) { Doc = "x", FilledByKvm = true }]))),
        ("no-room-to-grow", "kvm_sample", Argument(Samples.Gpa, Samples.Op, new("more", "__u32", 12) { Doc = "x" })),
        ("unchecked-flags", "kvm_sample.flags",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags with { MustBeZero = false, Doc = "x" }, Samples.Reserved)),
        ("refusal-undeclared", "KVM_SAMPLE",
            Samples.Of(ioctl: Samples.Ioctl with { Errors = [(Errno.NoEntry, "nothing is there")] })),
        ("operation-field", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { OpOffset = 0 })),
        ("operation-zero", "KVM_SAMPLE: KVM_SAMPLE_READY",
            Samples.Of(ioctl: Samples.Ioctl with { Operations = [new("KVM_SAMPLE_READY", 0, "x")] })),
        ("operation-clash", "KVM_SAMPLE",
            Samples.Of(
            ioctl: Samples.Ioctl with { Operations = [new("KVM_SAMPLE_A", 1, "x"), new("KVM_SAMPLE_B", 1, "x")] })),
        ("flag-clash", Samples.Flag.Name, Samples.Of(flag: Samples.Flag with { Bit = 3 })),
        ("flag-clash", Samples.Flag.Name, Samples.Of(flag: Samples.Flag with { Bit = 64 })),
        ("flag-clash", Samples.Flag.Name,
            Samples.Of(flag: Samples.Flag with { Field = "kvm_userspace_memory_region2.flags", Bit = 2 })),
        ("flag-clash", Samples.Flag.Name,
            Samples.Of(flag: Samples.Flag with { Field = "kvm_userspace_memory_region2.flags", Bit = 17 })),
        ("flag-clash", Samples.Flag.Name,
            Samples.Of(flag: Samples.Flag with { Field = "kvm_run.memory_fault.nothing" })),
        ("flag-clash", Samples.Flag.Name,
            With(d => d with { Flags = [Samples.Flag, Samples.Flag with { Name = "KVM_OTHER" }] })),
        ("capability-clash", "KVM_CAP_SAMPLE", Samples.Of(capability: Samples.Capability with { Number = 246 })),
        ("capability-clash", "KVM_CAP_SAMPLE", Samples.Of(capability: Samples.Capability with { Number = 12 })),
        ("capability-placeholder", "KVM_CAP_SAMPLE",
            Samples.Of(capability: Samples.Capability with { Number = 0xffff })),
        ("capability-unnumbered", "KVM_CAP_SAMPLE", Samples.Of(capability: Samples.Capability with { Number = 0 })),
        ("ioctl-clash", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Number = 0xd5 })),
        ("ioctl-clash", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Number = 0x100 })),
        ("ioctl-clash", "KVM_SAMPLE",
            With(d => d with { Ioctls = [Samples.Ioctl, Samples.Ioctl with { Name = "KVM_OTHER" }] })),
        ("ioctl-direction", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Direction = "R" })),
        ("ioctl-direction", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Direction = "" })),
        ("ioctl-direction", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Direction = "RW" })),
        ("ioctl-direction", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Struct = "kvm_nobody" })),
        ("ioctl-direction", "KVM_SAMPLE",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved,
            new("answer", "__u64", 32) { Doc = "x", FilledByKvm = true })),
        ("ioctl-size", "KVM_SAMPLE",
            Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved with { Elements = 1024 })),
        ("not-discoverable", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Capability = "" })),
        ("not-discoverable", Samples.Flag.Name, Samples.Of(flag: Samples.Flag with { Capability = "KVM_CAP_NOBODY" })),
        ("not-default-off", Samples.Flag.Name, Samples.Of(flag: Samples.Flag with { OptIn = "" })),
        ("not-default-off", Samples.Flag.Name,
            Samples.Of(capability: Samples.Capability with { Enable = "informational" })),
        ("lost-on-restore", "sample_state", Samples.Of(kept: Samples.Kept with { Restore = "" })),
        ("unreachable-region", "sample_ring", Samples.Of(shared: Samples.Shared with { Name = "sample_ring" })),
        ("undocumented", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Doc = " " })),
        ("undocumented", "kvm_sample.gpa",
            Argument(Samples.Gpa with { Doc = "" }, Samples.Op, Samples.Flags, Samples.Reserved)),
        ("macro-name", "SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Name = "SAMPLE" })),
        ("macro-name", "KVM_CAP_Sample", Samples.Of(capability: Samples.Capability with { Name = "KVM_CAP_Sample" })),
        ("macro-name", "KVM_SAMPLE", Samples.Of(flag: Samples.Flag with { Name = "KVM_SAMPLE" })),
        ("contested-value", Samples.Flag.Name, Samples.Of(flag: Samples.Flag with { Bit = 5 })),
        ("contested-value", "KVM_SAMPLE", Samples.Of(ioctl: Samples.Ioctl with { Number = 0xd6 })),
        ("abi-break", "kvm_run.exit_reason", Samples.Of(run: Run("exit_reason", f => f with { Type = "__s32" }))),
        ("abi-break", "kvm_run.memory_fault.gpa",
            Samples.Of(run: Run("memory_fault",
            f => f with { Members = [f.Members[0], f.Members[1] with { Type = "__s64" }, f.Members[2]] }))),
        ("abi-reported", "kvm_run.padding", Samples.Of(run: LinuxKvm.RunWith(unionPadding: 252))),
        ("abi-growth", "kvm_run.memory_fault.token",
            Samples.Of(
            run: LinuxKvm.RunWith(
            afterMemoryFault: [new("token", "__u64", 24) { Doc = "x", FilledByKvm = true,
            ValidWith = "KVM_CAP_SAMPLE" }]))),
    ];

    private static UapiModel Argument(params FieldSpec[] fields) => Samples.Of(argument: Samples.Argument(fields));

    private static UapiModel Region2(FieldSpec pointer) =>
        Samples.Of(region2: LinuxKvm.MemoryRegion2With(new FieldSpec("pad1", "__u32", 44), pointer));

    private static UapiModel With(Func<EncodingDescription, EncodingDescription> change) =>
        Samples.Clean with { Description = change(Samples.Clean.Description) };

    private static StructSpec Run(string name, Func<FieldSpec, FieldSpec> change) =>
        LinuxKvm.Run with { Fields = Changed(LinuxKvm.Run.Fields, name, change) };

    private static IReadOnlyList<FieldSpec> Changed(IReadOnlyList<FieldSpec> fields, string name, Func<FieldSpec,
        FieldSpec> change) =>
        [.. fields.Select(f => f.Name == name ? change(f) : f with { Members = Changed(f.Members, name, change) })];
}
