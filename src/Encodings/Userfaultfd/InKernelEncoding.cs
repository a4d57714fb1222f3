using UapiLab.Abstractions;

namespace UapiLab.Encodings.Userfaultfd;

/// <summary>What needs nothing from KVM: no word is shared, no flag or ioctl is added, and everything happens where the
/// look-up of a page sleeps. The rows of that kind differ only in who sleeps, and whether for a reader or for
/// I/O.</summary>
internal sealed class InKernelEncoding(string id, string fullName, string summary, string origin,
    Interception interception) : Encoding
{
    public override EncodingDescription Description => new()
    {
        Id = id,
        FullName = fullName,
        Summary = summary,
        Origin = origin,
        // No VMM can choose swap for a page that it has to fetch.
        Traits = interception == Interception.SwapWithKernelApf ? EncodingTraits.ReferencePoint : EncodingTraits.None,
        Interception = interception,
        BitsPerGfn = 0,
    };

    public override IReadOnlyList<RegionSpec> Regions => [];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new InKernelKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new InKernelVmmHalf<TVmm>();
}
