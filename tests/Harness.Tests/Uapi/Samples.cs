using UapiLab.Abstractions;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>A small uAPI that no rule objects to, and ways to spoil it.</summary>
internal static class Samples
{
    public static FieldSpec Gpa => new("gpa", "__u64", 0) { Doc = "Address of the frame." };

    public static FieldSpec Op => new("op", "__u32", 8) { Doc = "What to do." };

    public static FieldSpec Flags => new("flags", "__u32", 12, MustBeZero: true);

    public static FieldSpec Reserved => new("reserved", "__u64", 16, 2, MustBeZero: true);

    public static IoctlSpec Ioctl =>
        new("KVM_SAMPLE", 0xdb, "W", "kvm_sample", TakesVcpuMutex: false,
            [(Errno.Invalid, "something is not as it must be")], "Does something.")
        {
            Capability = "KVM_CAP_SAMPLE",
            OpOffset = 8,
            Operations = [new("KVM_SAMPLE_READY", 1, "The frame is there.")],
        };

    public static CapabilitySpec Capability => new("KVM_CAP_SAMPLE", 300, "vm", "Samples.");

    public static FlagSpec Flag => new("KVM_MEMORY_EXIT_FLAG_SAMPLE", "kvm_run.memory_fault.flags", 9, "A sample.")
    {
        Capability = "KVM_CAP_SAMPLE",
        OptIn = "KVM_CAP_SAMPLE",
    };

    public static FieldSpec Pointer =>
        new("sample_words", "__u64", 48)
        {
            Doc = "Words of the slot.",
            PointsTo = "__u64",
            ValidWith = "KVM_CAP_SAMPLE"
        };

    public static RegionSpec Shared =>
        new("sample_words", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "A bit per frame.");

    public static RegionSpec Kept =>
        new("sample_state", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 64, 1,
            "State of a vCPU.")
        { Restore = "the VMM sets it again" };

    public static UapiModel Clean => Of();

    /// <summary>The sample with some of it replaced.</summary>
    public static UapiModel Of(
        IoctlSpec? ioctl = null, StructSpec? argument = null, CapabilitySpec? capability = null, FlagSpec? flag = null,
        StructSpec? region2 = null, StructSpec? run = null, RegionSpec? shared = null, RegionSpec? kept = null) => new(
        new()
        {
            Id = "sample",
            FullName = "sample",
            Summary = "A sample.",
            Origin = "Here.",
            BitsPerGfn = 1,
            Capabilities = [capability ?? Capability],
            Flags = [flag ?? Flag],
            Ioctls = [ioctl ?? Ioctl],
            Structs = [region2 ?? LinuxKvm.MemoryRegion2With(new("pad1", "__u32", 44), Pointer), run
                ?? LinuxKvm.Run, argument ?? Argument(Gpa, Op, Flags, Reserved)],
        },
        [shared ?? Shared, kept ?? Kept]);

    /// <summary>The argument of the ioctl, with other fields and the size they have.</summary>
    public static StructSpec Argument(params FieldSpec[] fields)
    {
        StructSpec structure = new("kvm_sample", fields, 0) { Doc = "For KVM_SAMPLE." };
        return Layouts.Place(structure, Abi.X8664) is { } placed ? structure with { Size = placed.Size } : structure;
    }
}
