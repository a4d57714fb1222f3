using UapiLab.Abstractions;

namespace UapiLab.Harness.Checking;

/// <summary>Another encoding, each access of which a plan may change.</summary>
internal sealed class MutantEncoding(Encoding original, IMutationPlan plan, string what) : Encoding
{
    public override EncodingDescription Description => original.Description with { FullName = $"{original.Description.FullName} with {what}" };

    public override IReadOnlyList<RegionSpec> Regions => original.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new MutantKvmHalf<TKvm>(original.KvmHalf<MutantKvm<TKvm>>(), plan, original.Description);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new MutantVmmHalf<TVmm>(original.VmmHalf<MutantVmm<TVmm>>(), plan);
}
