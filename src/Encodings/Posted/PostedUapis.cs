using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;
using UapiLab.Encodings.Exitless;

namespace UapiLab.Encodings;

/// <summary>Every posting, once, in the order in which they came. docs/uapi.md shows this table.</summary>
public static class PostedUapis
{
    private const string Attributes = "kvm_memory_attributes.attributes";
    private const string EnableArgument = "kvm_enable_cap.args[0]";

    /// <summary>Every posting.</summary>
    public static IReadOnlyList<PostedUapi> All { get; } =
    [
        Rfc,
        Bitmap("userfault-v1", 239,
            "James Houghton, 4 Dec 2024, 20241204191349.1730936-1-jthoughton@google.com (v1)",
            "Mainline gave 239 to KVM_CAP_ARM_WRITABLE_IMP_ID_REGS."),
        Bitmap("userfault-v2", 239,
            "James Houghton, 9 Jan 2025, 20250109204929.1106563-1-jthoughton@google.com (v2)",
            "Mainline gave 239 to KVM_CAP_ARM_WRITABLE_IMP_ID_REGS."),
        Bitmap("userfault-v2-reply", 240,
            "Sean Christopherson, 7 May 2025, aBqlkz1bqhu-9toV@google.com (patches in a reply to v2)",
            "Mainline gave 240 to KVM_CAP_ARM_EL2."),
        Bitmap("userfault-v3", 243,
            "James Houghton, 18 Jun 2025, 20250618042424.330664-1-jthoughton@google.com (v3)",
            "Mainline gave 243 to KVM_CAP_ARM_CACHEABLE_PFNMAP_SUPPORTED."),
        Bitmap("userfault-2026", UserfaultUapi.Capability.Number,
            "the series that Firecracker carries out of tree, 2026",
            "Mainline gave 245 to KVM_CAP_ARM_SEA_TO_USER."),
        RingsByAddress,
    ];

    /// <summary>The one with this name, or null.</summary>
    public static PostedUapi? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    /// <summary>An attribute of each page, set by an ioctl; an eventfd and a list to read from for KVM's own
    /// accesses.</summary>
    private static PostedUapi Rfc => new("userfault-rfc",
        "James Houghton, 10 Jul 2024, 20240710234222.2333120-1-jthoughton@google.com (RFC)",
        new()
        {
            Id = "userfault-rfc",
            FullName = "userfault-rfc",
            Summary = "A memory attribute per gfn makes a fault exit; what KVM itself touches is read from a list.",
            Origin = "",
            BitsPerGfn = 1,
            States = ["present", "fault"],
            Capabilities =
            [
                new(UserfaultUapi.CapabilityName, 236, "vm",
                    "args[0] = KVM_USERFAULT_ENABLE or KVM_USERFAULT_DISABLE, args[1] = eventfd that tells of faults "
                        + "outside KVM_RUN. Mainline gave 236 to KVM_CAP_PRE_FAULT_MEMORY."),
            ],
            Flags =
            [
                new("KVM_MEMORY_ATTRIBUTE_USERFAULT", Attributes, 4, "A fault in the page exits to userspace.")
                { Capability = UserfaultUapi.CapabilityName },
                new("KVM_USERFAULT_ENABLE", EnableArgument, 0, "Enables KVM Userfault for the VM.")
                { Capability = UserfaultUapi.CapabilityName },
                new("KVM_USERFAULT_DISABLE", EnableArgument, 1, "Disables it.")
                { Capability = UserfaultUapi.CapabilityName },
                UserfaultUapi.ExitFlag with { OptIn = UserfaultUapi.CapabilityName },
            ],
            Ioctls =
            [
                new("KVM_READ_USERFAULT", 0xd5, "R", "kvm_fault", TakesVcpuMutex: false,
                    [(Errno.NoEntry, "no fault is waiting to be read"), (Errno.Fault, "the argument is unreadable")],
                    "Takes the next fault that KVM met outside KVM_RUN off the list.")
                { Target = IoctlTarget.Vm, Capability = UserfaultUapi.CapabilityName },
            ],
            Structs =
            [
                LinuxKvm.Run,
                new("kvm_fault", [new("address", "__u64", 0) { Doc = "The gfn.", FilledByKvm = true }], 8)
                { Doc = "For KVM_READ_USERFAULT." },
            ],
        },
        []);

    /// <summary>The rings before KVM allocated their page: userspace gave the address of it, and a ring had 32
    /// entries.</summary>
    private static PostedUapi RingsByAddress
    {
        get
        {
            EncodingDescription atFault = AsyncHintEncoding.AtFaultDescription("exitless-page-addr");
            EncodingDescription today =
                new ExitlessEncoding(ExitlessLayout.RealRing, always: false, ExitlessFamily.FamilyId, smallest: null)
                    .Description;
            IoctlSpec setEventfd = today.Ioctls.Single(i => i.Struct == EventfdRequest.Struct.Name);
            return new("exitless-page-addr", "an earlier revision of the rings that Firecracker carries, 2026",
                atFault with
                {
                    Id = "exitless-page-addr",
                    Summary = "Rings in a page whose address userspace gives, and eventfds.",
                    Capabilities = today.Capabilities,
                    Ioctls =
                    [
                        .. atFault.Ioctls,
                        setEventfd with
                        {
                            Errors =
                            [
                                (Errno.Invalid, "flags or padding is not 0, page_addr is 0 or not page aligned, or "
                                    + "complete_fd is fd"),
                                (Errno.BadFile, "complete_fd is no open file"),
                            ],
                            Doc = "Gives the vCPU two rings at page_addr, and the eventfds that go with them.",
                        },
                    ],
                    Structs = [.. atFault.Structs, EventfdByAddress, PageByAddress],
                },
                [UserfaultBitmap.Spec]);
        }
    }

    private static StructSpec EventfdByAddress => new(EventfdRequest.Struct.Name,
    [
        new("fd", "__s32", 0) { Doc = "Signalled by KVM; -1 deregisters." },
        new("complete_fd", "__s32", 4) { Doc = "Signalled by userspace." },
        new("page_addr", "__u64", 8) { Doc = "Userspace address of the page with the rings.", PointsTo = "void" },
        new("flags", "__u32", 16, MustBeZero: true),
        new("padding", "__u32", 20, MustBeZero: true),
    ], 24)
    {
        Doc = EventfdRequest.Struct.Doc,
    };

    private static StructSpec PageByAddress => new("kvm_apf_shared_page",
        [RingOf32("notify", 0, "KVM produces, userspace consumes."),
            RingOf32("complete", 528, "Userspace produces, KVM consumes.")],
        1056)
    {
        Doc = "At page_addr, pinned by KVM.",
    };

    private static FieldSpec RingOf32(string name, int offset, string doc) => new(name, "struct", offset)
    {
        Doc = doc,
        Members =
        [
            new("head", "__u32", 0) { Doc = "Of the producer, an index." },
            new("tail", "__u32", 4) { Doc = "Of the consumer, an index." },
            new("reserved", "__u32", 8),
            new("padding", "__u32", 12),
            new("entries", "struct", 16, 32)
            {
                Doc = "One fault or completion each.",
                Members = [new("gpa", "__u64", 0), new("flags", "__u64", 8)],
            },
        ],
    };

    /// <summary>A bitmap that the memslot points to: v1 to v3 and what is carried differ in the number
    /// only.</summary>
    private static PostedUapi Bitmap(string name, int capability, string source, string taken) => new(name, source,
        new()
        {
            Id = name,
            FullName = name,
            Summary = "One bit per gfn in a bitmap of userspace; a fault where it is set exits.",
            Origin = "",
            BitsPerGfn = 1,
            States = ["present", "fault"],
            Capabilities =
            [
                UserfaultUapi.Capability with
                {
                    Number = capability,
                    Doc = "KVM_MEM_USERFAULT is available. " + taken,
                },
            ],
            Flags = [UserfaultUapi.MemslotFlag, UserfaultUapi.ExitFlag],
            Structs = [UserfaultUapi.MemoryRegion2, LinuxKvm.Run],
        },
        [UserfaultBitmap.Spec]);
}
