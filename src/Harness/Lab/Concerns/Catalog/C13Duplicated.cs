using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C13.</summary>
internal sealed class C13Duplicated : Concern
{
    public override string Id => "C13";
    public override string Title => "duplicated machinery";
    public override string Question =>
        "What does the encoding add to KVM: states, shared words, words per APF and per vCPU, ioctls, flags, locks?";
    public override string Source => Mails.Supportive;
    public override string Method =>
        "Counted from its description. Holds: no ioctl and no private state of KVM; holds at a cost: the counts.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var size = UapiSize.Of(bench.Uapi);
        var owns = bench.Encoding.Regions.Count(r => r.Owner == RegionOwner.KvmPrivate);
        var ioctls = bench.Encoding.Description.Ioctls.Count;
        var flags = bench.Encoding.Description.Flags.Count;
        return new(Id, bench.Name, owns + ioctls == 0 ? ConcernVerdict.Holds : ConcernVerdict.HoldsAtACost,
            Invariant($"{ioctls} ioctls, {flags} flags, {owns} private regions"),
            [new(string.Join(", ", size.Select(s => $"{s.Name} {s.Value}")), $"uapi {bench.Name} --size")]);
    }
}
