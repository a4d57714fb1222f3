using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C13.</summary>
internal sealed class C13Duplicated : Concern
{
    public override string Id => "C13";
    public override string Title => "duplicated machinery";
    public override string Question =>
        "What does the encoding add to KVM: states, shared words, words per APF and per vCPU, ioctls, flags, locks; "
            + "and what of that does KVM have already?";
    public override string Source => Mails.Supportive;
    public override string Method =>
        "Counted from its description. Holds: no ioctl and no private state of KVM; holds at a cost: the counts. What "
            + "it keeps a second time is named; the machine has one of each.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var size = UapiSize.Of(bench.Uapi);
        var owns = bench.Encoding.Regions.Count(r => r.Owner == RegionOwner.KvmPrivate);
        var ioctls = bench.Encoding.Description.Ioctls.Count;
        var flags = bench.Encoding.Description.Flags.Count;
        var twice = bench.Encoding.Description.Duplicates;
        return new(Id, bench.Name,
            owns + ioctls + twice.Count == 0 ? ConcernVerdict.Holds : ConcernVerdict.HoldsAtACost,
            Invariant($"{ioctls} ioctls, {flags} flags, {owns} private regions")
                + (twice.Count == 0 ? "" : $"; a second time: {string.Join(", ", twice)}"),
            [new(string.Join(", ", size.Select(s => $"{s.Name} {s.Value}")), $"uapi {bench.Name} --size")]);
    }
}
