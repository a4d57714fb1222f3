using UapiLab.Abstractions;

namespace UapiLab.Harness.Conformance;

/// <summary>No userfault interface at all: a kernel without the series, whose only APFs are its own.</summary>
internal sealed class StockKvm : Encoding
{
    public override EncodingDescription Description => new()
    {
        Id = "stock",
        FullName = "stock",
        Summary = "KVM without a userfault interface.",
        Origin = "Linux 6.12 and later.",
        BitsPerGfn = 0,
    };

    public override IReadOnlyList<RegionSpec> Regions => [];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>();

    private sealed class Kvm<TKvm> : IKvmHalf<TKvm>
        where TKvm : struct, IKvm
    {
        public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;
    }

    private sealed class Vmm<TVmm> : IVmmHalf<TVmm>
        where TVmm : struct, IVmm
    {
        public void OnArm(TVmm vmm, ArmRequest request)
        {
        }

        public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

        public void OnContentArrived(TVmm vmm, Gfn gfn)
        {
        }
    }
}
