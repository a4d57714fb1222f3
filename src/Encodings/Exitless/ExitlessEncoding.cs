using UapiLab.Abstractions;
using UapiLab.Encodings.AsyncHint;

namespace UapiLab.Encodings.Exitless;

/// <summary>Rings in a shared page on top of async-hint:inject=at-fault.</summary>
internal sealed class ExitlessEncoding(int ring, bool always, string fullName) : Encoding
{
    private const string EventfdName = "KVM_CAP_ASYNC_PF_USERFAULT_EVENTFD";

    public override IReadOnlyList<RegionSpec> Regions => ExitlessLayout.Of(ring);

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
                Origin = "Async page faults for userfault memslots, Jack Thomson, 2026, with rings and eventfds, as carried out of tree by Firecracker.",
                Capabilities =
                [
                    .. atFault.Capabilities,
                    new(EventfdName, AsyncHintLayout.EventfdCapability, "informational", "KVM_SET_APF_EVENTFD is there."),
                ],
                Ioctls = [.. atFault.Ioctls, EventfdRequest.Ioctl with { Capability = EventfdName }],
                Structs = [.. atFault.Structs, EventfdRequest.Struct, Page],
                Locks = [KvmLock.Apf, KvmLock.Encoding],
            };
        }
    }

    /// <summary>The header of the page; the rings follow it.</summary>
    private static StructSpec Page => new("kvm_apf_ring_header",
    [
        new("version", "__u32", 0) { Doc = "1." },
        new("ring_size", "__u32", 4) { Doc = "Entries of each ring." },
        new("entry_size", "__u32", 8) { Doc = "16." },
        new("flags", "__u32", 12) { Doc = "Bit 0 NOTIFY_ARMED." },
        new("reserved", "__u64", 16, 6, MustBeZero: true),
    ], 64)
    {
        Doc = "Start of the page that is mapped at page offset 3 of the vCPU's fd; the notify ring and the complete ring follow.",
    };
}
