using UapiLab.Abstractions;

namespace UapiLab.Encodings.NeverAsync;

/// <summary>KVM Userfault and nothing else.</summary>
internal sealed class NeverAsyncEncoding : Encoding
{
    public override EncodingDescription Description => new()
    {
        Id = NeverAsyncFamily.FamilyId,
        FullName = NeverAsyncFamily.FamilyId,
        Summary = NeverAsyncFamily.OneLine,
        Origin = "KVM Userfault, James Houghton, v3, June 2025.",
        Traits = EncodingTraits.ReferencePoint,
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Number,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Capabilities = [UserfaultUapi.Capability],
        Flags = [UserfaultUapi.MemslotFlag, UserfaultUapi.ExitFlag],
        Structs = [UserfaultUapi.MemoryRegion2, LinuxKvm.Run],
    };

    public override IReadOnlyList<RegionSpec> Regions => NeverAsyncLayout.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new NeverAsyncKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new NeverAsyncVmmHalf<TVmm>();
}
