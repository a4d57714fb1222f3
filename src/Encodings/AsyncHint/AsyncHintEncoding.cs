using UapiLab.Abstractions;
using UapiLab.Encodings.NeverAsync;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>The VMM tells KVM after each exit whether the fault will be handled asynchronously.</summary>
internal sealed class AsyncHintEncoding(bool atFault, string fullName) : Encoding
{
    private const string AtFaultName = "KVM_CAP_ASYNC_PF_USERFAULT";
    private const string AtReentryName = "KVM_CAP_ASYNC_PF_ANSWER";
    private const string AnswerName = "userfault_answer";

    public override EncodingDescription Description => atFault ? AtFaultDescription(fullName) : AtReentry;

    public override IReadOnlyList<RegionSpec> Regions => atFault ? AsyncHintLayout.AtFault : AsyncHintLayout.AtReentry;

    public override IReadOnlyList<OwnEventSpec> OwnEvents => atFault ? [PendingApfs.AutoCompleted] : [];

    public override IReadOnlyList<Encoding> Versions =>
        [this, new AsyncHintSecondVersion(this, atFault)];

    public override Encoding? BuildsOn => new NeverAsyncEncoding();

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() =>
        atFault ? new AtFaultKvmHalf<TKvm>() : new AtReentryKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() =>
        atFault ? new AtFaultVmmHalf<TVmm>() : new AtReentryVmmHalf<TVmm>();

    /// <summary>Of inject=at-fault, which the rings build on.</summary>
    internal static EncodingDescription AtFaultDescription(string fullName) => new()
    {
        Id = AsyncHintFamily.FamilyId,
        FullName = fullName,
        Summary = AsyncHintFamily.OneLine,
        Origin = "The patches for userfaultfd async page faults of Jack Thomson, 2026, as carried out of tree by "
            + "Firecracker.",
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Gpa,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Capabilities =
        [
            UserfaultUapi.Capability,
            new(AtFaultName, AsyncHintLayout.AtFaultCapability, "vcpu",
                "args[0] = 1: userfaults of this vCPU may start APFs."),
        ],
        Flags =
        [
            UserfaultUapi.MemslotFlag,
            UserfaultUapi.ExitFlag,
            OptionalExit("KVM_MEMORY_EXIT_FLAG_APF", 5, AtFaultName,
                "An APF was started for the gfn: accept it, or resolve before KVM_RUN."),
        ],
        Ioctls =
        [
            VcpuCapability.Ioctl,
            AsyncPf(takesMutex: true, "op is not ACCEPT or READY",
                "no APF is outstanding on this vCPU for the gfn",
                "ACCEPT: the fault is handed off. READY: the content of the page is in guest memory.") with
            {
                Capability = AtFaultName,
                Operations = [AcceptOperation, ReadyOperation],
                OpOffset = 8,
                OpsWithoutMutex = [AsyncHintLayout.Ready],
            },
        ],
        Structs = [UserfaultUapi.MemoryRegion2, LinuxKvm.Run, VcpuCapability.Struct, AsyncPfRequest.Struct],
        Locks = [KvmLock.Apf],
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
            new(AtReentryName, AsyncHintLayout.AtReentryCapability, "vcpu",
                "args[0] = 1: exits of this vCPU may offer an APF, and userfault_answer is looked at."),
        ],
        Flags =
        [
            UserfaultUapi.MemslotFlag,
            UserfaultUapi.ExitFlag,
            OptionalExit("KVM_MEMORY_EXIT_FLAG_APF_POSSIBLE", 5, AtReentryName,
                "userfault_answer = 1 would start an APF."),
            OptionalExit("KVM_MEMORY_EXIT_FLAG_APF_REFUSED", 6, AtReentryName,
                "The answer cannot be followed: resolve before KVM_RUN."),
        ],
        Ioctls =
        [
            VcpuCapability.Ioctl,
            AsyncPf(takesMutex: false, "op is not READY",
                "this vCPU has no APF outstanding for the gfn, and offers none",
                "READY: the content of the page is in guest memory; before re-entry it voids the offer.") with
            {
                Capability = AtReentryName,
                OpOffset = 8,
                Operations = [ReadyOperation],
            },
        ],
        Structs =
        [
            UserfaultUapi.MemoryRegion2,
            // The answer takes one of six bytes of padding.
            LinuxKvm.RunWith(inPlaceOfPadding1: [AnswerField, new("padding1", "__u8", 3, 5)]),
            VcpuCapability.Struct,
            AsyncPfRequest.Struct,
        ],
        Constants =
        [
            new("KVM_USERFAULT_ANSWER_NONE", AsyncHintLayout.AnswerNone, AnswerName,
                "Start no APF. A gfn that is still marked exits again."),
            new("KVM_USERFAULT_ANSWER_ASYNC", AsyncHintLayout.AnswerAsync, AnswerName,
                "Start an APF for the gfn of the last exit."),
        ],
        Locks = [KvmLock.Apf],
    };

    private static OperationSpec AcceptOperation =>
        new("KVM_APF_OP_ACCEPT", AsyncHintLayout.Accept, "The fault is handed off.");

    private static OperationSpec ReadyOperation =>
        new("KVM_APF_OP_READY", AsyncHintLayout.Ready, "The content of the page is in guest memory.");

    private static FieldSpec AnswerField => new(AnswerName, "__u8", 2)
    {
        Doc = "What to do about the last exit; KVM_RUN reads it once and zeroes it.",
        ValidWith = AtReentryName,
    };

    /// <summary>An exit flag that only a vCPU sees which enabled the capability.</summary>
    private static FlagSpec OptionalExit(string name, int bit, string capability, string doc) =>
        new(name, UserfaultUapi.ExitFlagsField, bit, doc) { Capability = capability, OptIn = capability };

    private static IoctlSpec AsyncPf(bool takesMutex, string badOperation, string nothingThere, string doc) =>
        new("KVM_ASYNC_PF", AsyncHintLayout.AsyncPf, "W", "kvm_async_pf_req", takesMutex,
        [
            (Errno.Invalid, $"{badOperation}, flags or reserved is not 0, or gpa is not page aligned"),
            (Errno.NoEntry, nothingThere),
            (Errno.Already, "READY: the APF is completed and not delivered yet"),
            (Errno.Busy, "READY: the vCPU's queue is being dropped"),
        ], doc);
}
