using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>What needs nothing from KVM: no word is shared, no flag or ioctl is added, and everything happens where the
/// look-up of a page sleeps. Both rows of that kind differ only in who sleeps.</summary>
internal sealed class InKernelEncoding(string id, string summary, string origin, Interception interception) : Encoding
{
    public override EncodingDescription Description => new()
    {
        Id = id,
        FullName = id,
        Summary = summary,
        Origin = origin,
        Interception = interception,
        BitsPerGfn = 0,
    };

    public override IReadOnlyList<RegionSpec> Regions => [];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new InKernelKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new InKernelVmmHalf<TVmm>();
}
