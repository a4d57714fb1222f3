using UapiLab.Abstractions;
using UapiLab.Encodings.NeverAsync;

namespace UapiLab.Encodings.SingleBit;

/// <summary>One bit per frame; with apf=on, the "async PF user" series on top.</summary>
internal sealed class SingleBitEncoding(SingleBitOptions options, string fullName) : Encoding
{
    public override EncodingDescription Description => options.AsyncFaults ? WithApf : Common;

    public override IReadOnlyList<RegionSpec> Regions => SingleBitLayout.Regions(options);

    public override IReadOnlyList<Encoding> Versions => [this, new SingleBitSecondVersion(this, options)];

    /// <summary>The series was put on top of KVM Userfault alone.</summary>
    public override Encoding? BuildsOn => options.AsyncFaults ? new NeverAsyncEncoding() : null;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new SingleBitKvmHalf<TKvm>(options);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new SingleBitVmmHalf<TVmm>();

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

    private EncodingDescription WithApf => Common with
    {
        Origin = options.Repaired
            ? "\"KVM: x86: async PF user\", Nikita Kalyazin, RFC, 18 November 2024, over the bitmap of KVM Userfault "
                + "v3; its defects repaired by us."
            : "\"KVM: x86: async PF user\", Nikita Kalyazin, RFC, 18 November 2024, as posted, over the bitmap of KVM "
                + "Userfault v3.",
        Flags =
        [
            .. Common.Flags,
            new("KVM_MEMORY_EXIT_FLAG_ASYNC_PF_USER", UserfaultUapi.ExitFlagsField, 5,
                "Page-not-present was injected; async_pf_user_token is valid."),
        ],
        Ioctls =
        [
            new("KVM_ASYNC_PF_USER_READY", SingleBitLayout.Ready, "W", "kvm_async_pf_user_ready", TakesVcpuMutex: false,
                ReadyErrors, "The fault with this token is resolved."),
        ],
        Structs =
        [
            UserfaultUapi.MemoryRegion2,
            // 28 bytes and 4 of tail padding on 64-bit, none on i386; the union's padding[256] became padding[252].
            LinuxKvm.RunWith(afterMemoryFault: [Token], unionPadding: 252),
            new("kvm_async_pf_user_ready",
                [new("token", "__u32", 0) { Doc = "async_pf_user_token of the exit." }], 4)
            {
                Doc = "For KVM_ASYNC_PF_USER_READY.",
            },
        ],
        // The series as posted has a lock of its own for a queue of its own; the model has one of each.
        Locks = [KvmLock.Apf],
    };

    private static FieldSpec Token => new("async_pf_user_token", "__u32", 24)
    {
        Doc = "Token of the APF that was started.",
        FilledByKvm = true,
        ValidWith = "KVM_MEMORY_EXIT_FLAG_ASYNC_PF_USER",
    };

    private IReadOnlyList<(Errno, string)> ReadyErrors => options.Repaired
        ? [(Errno.Invalid, "no APF with this token is outstanding on this vCPU"),
            (Errno.Already, "the APF is completed and not delivered yet")]
        : [(Errno.Invalid, "no APF with this token is outstanding on this vCPU")];
}
