using UapiLab.Abstractions;

namespace UapiLab.Testing.Tests;

/// <summary>An encoding that does what another does, and says something else of itself.</summary>
internal sealed class Redescribed(Encoding inner, Func<EncodingDescription, EncodingDescription> change) : Encoding
{
    public override EncodingDescription Description => change(inner.Description);

    public override IReadOnlyList<RegionSpec> Regions => inner.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => inner.KvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => inner.VmmHalf<TVmm>();
}
