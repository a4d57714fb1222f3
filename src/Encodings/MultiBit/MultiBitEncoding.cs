using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Several bits per frame: the VMM tells KVM beforehand what kind of fault it will be.</summary>
internal sealed class MultiBitEncoding(MultiBitOptions options, string fullName) : Encoding
{
    private const string StatesCapability = "KVM_CAP_USERFAULT_STATES";

    public override EncodingDescription Description => new()
    {
        Id = MultiBitFamily.FamilyId,
        FullName = fullName,
        Summary = MultiBitFamily.OneLine,
        Origin = "Our own variant, never posted. Nikita Kalyazin asked on the KVM list whether two bits would have "
            + "been preferred, 27 February 2025; the answer was No, and to think about the future.",
        Traits = EncodingTraits.NeverPosted,
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Gpa,
        BitsPerGfn = options.Bits,
        States = FrameState.Names(options.Bits),
        Capabilities =
        [
            new(StatesCapability, 0xffff, "vm",
                "userfault_state_bits may be set. Enabled before the first memslot with KVM_MEM_USERFAULT."),
        ],
        Flags =
        [
            UserfaultUapi.MemslotFlagOf(StatesCapability),
            UserfaultUapi.ExitFlagOf(StatesCapability),
            OptionalExit("KVM_MEMORY_EXIT_FLAG_APF", 5, "An APF was started for the gfn; it needs a READY."),
            .. InterceptFlag,
        ],
        Ioctls =
        [
            new("KVM_USERFAULT_READY", MultiBitLayout.Ready, "W", "kvm_userfault_ready", TakesVcpuMutex: false,
            [
                (Errno.Invalid, "gpa is not page aligned, or flags, pad or reserved is not 0"),
                (Errno.NoEntry, "no APF is outstanding on this vCPU for the gfn"),
                (Errno.Already, "the APF is completed and not delivered yet"),
            ], "The content of the page is in guest memory; call it after the gfn was made present.") { Capability =
                StatesCapability },
        ],
        Structs =
        [
            LinuxKvm.MemoryRegion2With(StateBits, StatePointers),
            LinuxKvm.Run,
            new("kvm_userfault_ready",
            [
                new("gpa", "__u64", 0) { Doc = "Guest physical address, page aligned." },
                new("flags", "__u32", 8, MustBeZero: true),
                new("pad", "__u32", 12, MustBeZero: true),
                new("reserved", "__u64", 16, 2, MustBeZero: true),
            ], 32)
            {
                Doc = "For KVM_USERFAULT_READY.",
            },
        ],
        Constants = FrameState.Constants(options.Bits, options.Split ? "userfault_plane" : "userfault_state"),
        Locks = [KvmLock.Apf],
    };

    public override IReadOnlyList<RegionSpec> Regions => MultiBitLayout.Regions(options);

    public override IReadOnlyList<OwnEventSpec> OwnEvents => [PackedStates.Retries];

    public override IReadOnlyList<Encoding> Versions =>
        [this, options.HasWideStates ? new WideSecondVersion(this, options) : new TwoBitSecondVersion(this, options)];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new MultiBitKvmHalf<TKvm>(options);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new MultiBitVmmHalf<TVmm>(options);

    private IReadOnlyList<FlagSpec> InterceptFlag => options.HasWideStates
        ? [OptionalExit("KVM_MEMORY_EXIT_FLAG_INTERCEPT", 6,
            "The gfn is intercepted for a purpose that is not paging.")]
        : [];

    private FieldSpec StateBits => new("userfault_state_bits", "__u32", 44)
    {
        Doc = Invariant($"Bits of state per gfn: {options.Bits}."),
        ValidWith = UserfaultUapi.MemslotFlagName,
    };

    private FieldSpec StatePointers => options.Split
        ? new("userfault_plane", "__u64", 48, options.Bits)
        {
            Doc = "Bitmap i holds bit i of the state of each gfn of the slot.",
            PointsTo = "__u64",
            ValidWith = UserfaultUapi.MemslotFlagName,
        }
        : new("userfault_state", "__u64", 48)
        {
            Doc = "State of each gfn of the slot.",
            PointsTo = options.Bits == 8 ? "__u8" : "__u64",
            ValidWith = UserfaultUapi.MemslotFlagName,
        };

    /// <summary>An exit flag that only a VM sees which enabled the states.</summary>
    private static FlagSpec OptionalExit(string name, int bit, string doc) =>
        new(name, UserfaultUapi.ExitFlagsField, bit, doc) { Capability = StatesCapability, OptIn = StatesCapability };
}
