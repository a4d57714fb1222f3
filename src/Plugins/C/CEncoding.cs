using UapiLab.Abstractions;

namespace UapiLab.Plugins.C;

/// <summary>An encoding in C with its options chosen.</summary>
internal sealed class CEncoding(EncodingDescription description, IReadOnlyList<RegionSpec> regions,
    IReadOnlyList<OwnEventSpec> ownEvents, CCode code) : Encoding, ISourceLines
{
    public override EncodingDescription Description => description;

    public override IReadOnlyList<RegionSpec> Regions => regions;

    public override IReadOnlyList<OwnEventSpec> OwnEvents => ownEvents;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new CKvmHalf<TKvm>(code);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new CVmmHalf<TVmm>(code);

    public string? LineOf(Exception? thrown) => CPlace.OfThread.LineOf(thrown);
}
