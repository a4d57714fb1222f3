using UapiLab.Abstractions;
using UapiLab.Encodings.NeverAsync;

namespace UapiLab.Encodings.SingleBit;

/// <summary>One bit per frame; with apf=on, the "async PF user" series on top.</summary>
internal sealed class SingleBitEncoding(SingleBitOptions options, string fullName) : Encoding
{
    private const string AsyncPfFlag = "KVM_MEMORY_EXIT_FLAG_ASYNC_PF_USER";
    private const string CapabilityName = "KVM_CAP_ASYNC_PF_USER";
    private const string ReadyStruct = "kvm_async_pf_user_ready";
    private const string ReadyDoc = "For KVM_ASYNC_PF_USER_READY.";

    public override EncodingDescription Description =>
        !options.AsyncFaults ? Common : options.Repaired ? Repaired : AsPosted;

    public override IReadOnlyList<RegionSpec> Regions => SingleBitLayout.Regions(options);

    public override IReadOnlyList<Encoding> Versions => [this, new SingleBitSecondVersion(this, options)];

    /// <summary>The series was put on top of KVM Userfault alone.</summary>
    public override Encoding? BuildsOn => options.AsyncFaults ? new NeverAsyncEncoding() : null;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new SingleBitKvmHalf<TKvm>(options);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new SingleBitVmmHalf<TVmm>(options);

    private EncodingDescription Common => new()
    {
        Id = SingleBitFamily.FamilyId,
        FullName = fullName,
        Summary = SingleBitFamily.OneLine,
        Origin = "KVM Userfault, James Houghton, v3, June 2025.",
        ExitExtra = WordKind.Token,
        // As posted, frame 0 is another frame than the rest: it is the one kept for the prefault of all of them.
        WaiterCookie = options.Repaired ? WordKind.Token : WordKind.Opaque,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Capabilities = [UserfaultUapi.Capability],
        Flags = [UserfaultUapi.MemslotFlag, UserfaultUapi.ExitFlag],
        Structs = [UserfaultUapi.MemoryRegion2, LinuxKvm.Run],
    };

    private EncodingDescription AsPosted => Common with
    {
        Origin = "\"KVM: x86: async PF user\", Nikita Kalyazin, RFC, 18 November 2024, as posted, over the bitmap of "
            + "KVM Userfault v3.",
        Flags =
        [
            .. Common.Flags,
            new(AsyncPfFlag, UserfaultUapi.ExitFlagsField, 5,
                "Page-not-present is queued for the next entry; async_pf_user_token is valid.")
            { Capability = UserfaultUapi.CapabilityName },
        ],
        Ioctls =
        [
            new("KVM_ASYNC_PF_USER_READY", SingleBitLayout.Ready, "W", ReadyStruct, TakesVcpuMutex: false,
                [(Errno.Invalid, "no APF with this token is outstanding on this vCPU")],
                "The fault with this token is resolved.")
            {
                // Documentation of the ioctl in patch 2 of the series.
                Capability = UserfaultUapi.CapabilityName,
            },
        ],
        Structs =
        [
            UserfaultUapi.MemoryRegion2,
            // 28 bytes and 4 of tail padding on 64-bit, none on i386; the union's padding[256] became padding[252].
            LinuxKvm.RunWith(afterMemoryFault: [Token], unionPadding: 252),
            new(ReadyStruct, [RequestToken], 4) { Doc = ReadyDoc },
        ],
        Locks = [KvmLock.Apf],
        Duplicates =
        [
            "the queue of APFs", "its lock and limit", "the list of completed ones", "pageready_pending",
            "KVM_REQ_APF_READY", "the slab cache",
            "kvm_arch_async_page_not_present, _present, _ready and _present_queued",
        ],
    };

    /// <summary>What the series lacks for a header: an opt-in, room in the request, and a member of kvm_run without
    /// padding at its end.</summary>
    private EncodingDescription Repaired => Common with
    {
        Origin = "\"KVM: x86: async PF user\", Nikita Kalyazin, RFC, 18 November 2024, over the bitmap of KVM "
            + "Userfault v3; its code and its header repaired by us.",
        Traits = EncodingTraits.NeverPosted,
        Capabilities =
        [
            .. Common.Capabilities,
            new(CapabilityName, SingleBitLayout.Capability, "vcpu",
                "args[0] = 1: userfaults of this vCPU may start APFs."),
        ],
        Flags =
        [
            .. Common.Flags,
            new(AsyncPfFlag, UserfaultUapi.ExitFlagsField, 5,
                "Page-not-present is queued for the next entry; async_pf_user_token is valid.")
            { Capability = CapabilityName, OptIn = CapabilityName },
        ],
        Ioctls =
        [
            VcpuCapability.Ioctl,
            new("KVM_ASYNC_PF_USER_READY", SingleBitLayout.Ready, "W", ReadyStruct, TakesVcpuMutex: false,
            [
                (Errno.Invalid, "flags or reserved is not 0"),
                (Errno.NoEntry, "no APF with this token is outstanding on this vCPU"),
                (Errno.Already, "the APF is completed and not delivered yet"),
            ], "The fault with this token is resolved.")
            { Capability = CapabilityName },
        ],
        Structs =
        [
            UserfaultUapi.MemoryRegion2,
            LinuxKvm.RunWith(afterMemoryFault: [Token, new("pad", "__u32", 28) { FilledByKvm = true }]),
            VcpuCapability.Struct,
            new(ReadyStruct,
                [RequestToken, new("flags", "__u32", 4, MustBeZero: true),
                    new("reserved", "__u64", 8, 2, MustBeZero: true)], 24)
            {
                Doc = ReadyDoc,
            },
        ],
        Locks = [KvmLock.Apf],
    };

    private static FieldSpec Token => new("async_pf_user_token", "__u32", 24)
    {
        Doc = "Token of the APF that was started.",
        FilledByKvm = true,
        ValidWith = AsyncPfFlag,
    };

    private static FieldSpec RequestToken => new("token", "__u32", 0) { Doc = "async_pf_user_token of the exit." };
}
