using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>The VMM tells KVM after each exit whether the fault will be handled asynchronously.</summary>
internal sealed class AsyncHintEncoding(bool atFault, string fullName) : Encoding
{
    public override EncodingDescription Description => atFault ? AtFault : AtReentry;

    public override IReadOnlyList<RegionSpec> Regions => atFault ? AsyncHintLayout.AtFault : AsyncHintLayout.AtReentry;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => atFault ? new AtFaultKvmHalf<TKvm>() : new AtReentryKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => atFault ? new AtFaultVmmHalf<TVmm>() : new AtReentryVmmHalf<TVmm>();

    private EncodingDescription AtFault => new()
    {
        Id = AsyncHintFamily.FamilyId,
        FullName = fullName,
        Summary = AsyncHintFamily.OneLine,
        Origin = "Async page faults for userfault memslots, Jack Thomson, 2026, as carried out of tree by Firecracker.",
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Gpa,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Capabilities =
        [
            UserfaultUapi.Capability,
            new("KVM_CAP_ASYNC_PF_USERFAULT", AsyncHintLayout.AtFaultCapability, "vcpu", "args[0] = 1: userfaults of this vCPU may start APFs."),
        ],
        Flags =
        [
            UserfaultUapi.MemslotFlag,
            UserfaultUapi.ExitFlag,
            new("KVM_MEMORY_EXIT_FLAG_APF", "kvm_run.memory_fault.flags", 5, "An APF was started for the frame: accept it, or resolve before KVM_RUN."),
        ],
        Ioctls =
        [
            VcpuCapability.Ioctl,
            AsyncPf(takesMutex: true, "op is not ACCEPT or READY",
                "ACCEPT: the fault is handed off. READY: the content of the frame is in guest memory.") with
            {
                OpOffset = 8,
                OpsWithoutMutex = [AsyncHintLayout.Ready],
            },
        ],
        Structs = [UserfaultUapi.MemoryRegion2, UserfaultUapi.MemoryFault, VcpuCapability.Struct, AsyncPfRequest.Struct],
    };

    private EncodingDescription AtReentry => new()
    {
        Id = AsyncHintFamily.FamilyId,
        FullName = fullName,
        Summary = AsyncHintFamily.OneLine,
        Origin = "Our own variant, never posted: the 2026 series' interface with the answer before the injection.",
        Traits = EncodingTraits.NeverPosted,
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Gpa,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Capabilities =
        [
            UserfaultUapi.Capability,
            new("KVM_CAP_ASYNC_PF_ANSWER", AsyncHintLayout.AtReentryCapability, "vcpu",
                "args[0] = 1: exits of this vCPU may offer an APF, and userfault_answer is looked at; the number is ours."),
        ],
        Flags =
        [
            UserfaultUapi.MemslotFlag,
            UserfaultUapi.ExitFlag,
            new("KVM_MEMORY_EXIT_FLAG_APF_POSSIBLE", "kvm_run.memory_fault.flags", 5, "userfault_answer = 1 would start an APF."),
            new("KVM_MEMORY_EXIT_FLAG_APF_REFUSED", "kvm_run.memory_fault.flags", 6, "The answer cannot be followed: resolve before KVM_RUN."),
        ],
        Ioctls =
        [
            VcpuCapability.Ioctl,
            AsyncPf(takesMutex: false, "op is not READY", "READY: the content of the frame is in guest memory; ENOENT is normal before re-entry."),
        ],
        Structs =
        [
            UserfaultUapi.MemoryRegion2,
            UserfaultUapi.MemoryFault,
            VcpuCapability.Struct,
            AsyncPfRequest.Struct,
            // The first eight bytes of struct kvm_run; the answer takes one of six bytes of padding.
            new("kvm_run_head",
            [
                new("request_interrupt_window", "__u8", 0),
                new("immediate_exit", "__u8", 1),
                new("userfault_answer", "__u8", 2),
                new("padding1", "__u8", 3, 5),
            ], 8),
        ],
    };

    private static IoctlSpec AsyncPf(bool takesMutex, string badOperation, string doc) =>
        new("KVM_ASYNC_PF", AsyncHintLayout.AsyncPf, "W", "kvm_async_pf_req", takesMutex,
        [
            (Errno.Invalid, $"{badOperation}, flags or reserved is not 0, or gpa is not page aligned"),
            (Errno.NoEntry, "no APF is outstanding on this vCPU for the frame"),
            (Errno.Already, "READY: the APF is completed and not delivered yet"),
            (Errno.Busy, "READY: the vCPU's queue is being dropped"),
        ], doc);
}
