using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;
using UapiLab.Encodings.NeverAsync;

namespace UapiLab.Encodings.Exitless;

/// <summary>Rings in a shared page on top of async-hint:inject=at-fault.</summary>
internal sealed class ExitlessEncoding(int ring, bool always, string fullName, Encoding? smallest) : Encoding
{
    private const string EventfdName = "KVM_CAP_ASYNC_PF_USERFAULT_EVENTFD";

    public override IReadOnlyList<RegionSpec> Regions => ExitlessLayout.Of(ring);

    public override IReadOnlyList<OwnEventSpec> OwnEvents =>
    [
        PendingApfs.AutoCompleted,
        new("fullRing", "Faults that exit, as the notify ring has no room for them or is not set up."),
        new("signals", "Eventfd signals to userspace."),
    ];

    public override IReadOnlyList<Encoding> Versions => [this, new ExitlessSecondVersion(this, ring, always)];

    public override Encoding Smallest => smallest ?? this;

    public override Encoding? BuildsOn => new NeverAsyncEncoding();

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new ExitlessKvmHalf<TKvm>(ring, always);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new ExitlessVmmHalf<TVmm>(ring, always);

    public override EncodingDescription Description
    {
        get
        {
            EncodingDescription atFault = AsyncHintEncoding.AtFaultDescription(fullName);
            return atFault with
            {
                Id = ExitlessFamily.FamilyId,
                Summary = ExitlessFamily.OneLine,
                Origin = "The patches for userfaultfd async page faults of Jack Thomson, 2026, the last two with "
                    + "rings and eventfds, as carried out of tree by Firecracker.",
                Capabilities =
                [
                    .. atFault.Capabilities,
                    new(EventfdName, AsyncHintLayout.EventfdCapability, "informational",
                        "KVM_SET_APF_EVENTFD is there."),
                ],
                Ioctls = [.. atFault.Ioctls, EventfdRequest.Ioctl with { Capability = EventfdName }],
                Structs = [.. atFault.Structs, EventfdRequest.Struct, Page],
                Constants =
                [
                    .. atFault.Constants,
                    new("KVM_APF_PAGE_OFFSET", PageOffset, PageName,
                        "Page offset at which mmap() of the vCPU's fd maps it."),
                    new("KVM_APF_NOTIFY_ARMED", ExitlessLayout.NotifyArmed, PageName + ".header.flags",
                        "KVM signals fd at the next entry. Userspace sets it; who takes it clears it."),
                ],
                Locks = [KvmLock.Apf],
                WorkArgument = WordKind.Vcpu,
            };
        }
    }

    /// <summary>The page as the series has it, whatever the size of the rings that are checked.</summary>
    private static StructSpec Page => new(PageName,
    [
        new("header", "struct", 0)
        {
            Doc = "What the page is.",
            Members =
            [
                new("version", "__u32", 0) { Doc = "1." },
                new("ring_size", "__u32", 4) { Doc = "Entries of each ring, 64." },
                new("entry_size", "__u32", 8) { Doc = "16." },
                new("flags", "__u32", 12) { Doc = "KVM_APF_NOTIFY_ARMED or 0.", Region = ExitlessLayout.FlagsName },
                new("reserved", "__u64", 16, 6, MustBeZero: true),
            ],
        },
        Ring("notify", 64, "KVM produces, userspace consumes.", ExitlessLayout.NotifyIndexName,
            ExitlessLayout.NotifyName),
        Ring("complete", 64 + RingBytes, "Userspace produces, KVM consumes.", ExitlessLayout.CompleteIndexName,
            ExitlessLayout.CompleteName),
    ], 64 + (2 * RingBytes))
    {
        Doc = "The page of a vCPU's rings, mapped at KVM_APF_PAGE_OFFSET of its fd once KVM_SET_APF_EVENTFD has "
            + "succeeded.",
    };

    private const string PageName = "kvm_apf_shared_page";
    private const ulong PageOffset = 3;
    private const int RingBytes = 128 + (ExitlessLayout.RealRing * 16);

    private static FieldSpec Ring(string name, int offset, string doc, string index, string entries) =>
        new(name, "struct", offset)
        {
            Doc = doc,
            Members =
        [
            new("head", "__u32", 0) { Doc = "Of the producer.", Region = index },
            new("pad_head", "__u32", 4, 15, MustBeZero: true),
            new("tail", "__u32", 64) { Doc = "Of the consumer.", Region = index },
            new("pad_tail", "__u32", 68, 15, MustBeZero: true),
            new("entries", "struct", 128, ExitlessLayout.RealRing)
            {
                Doc = "One fault or completion each.",
                Members = [new("gpa", "__u64", 0) { Doc = "Page aligned.", Region = entries },
                    new("flags", "__u64", 8) { Doc = "Of the exit there would have been; 0 in a completion.",
                    Region = entries }],
            },
        ],
        };
}
