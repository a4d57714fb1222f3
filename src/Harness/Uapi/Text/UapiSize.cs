using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>How big a uAPI is, and how much KVM keeps for it (C13: duplicated machinery).</summary>
public static class UapiSize
{
    private const long FramesPerGiB = 1L << 18;

    /// <summary>What is counted, with the number as text, always in the same order.</summary>
    public static IReadOnlyList<(string Name, string Value)> Of(UapiModel model)
    {
        var description = model.Description;
        var subject = new LintSubject(model);
        var shared = model.Regions.Where(r => r.Owner == RegionOwner.Shared).ToArray();
        var kept = model.Regions.Where(r => r.Owner == RegionOwner.KvmPrivate).ToArray();
        var ioctls = subject.NewIoctls.ToArray();
        return
        [
            ("states per frame", Text(description.States.Count)),
            ("shared bits per frame", Text(description.BitsPerGfn)),
            ("shared KiB per GiB of guest",
                Text(shared.Where(r => r.Scope == RegionScope.PerGfn).Sum(r => FramesPerGiB * r.Count / 8) / 1024)),
            ("shared words per vCPU", Text(Words(shared, RegionScope.PerVcpu))),
            ("KVM words per APF", Text(Words(kept, RegionScope.PerApf))),
            ("KVM words per vCPU", Text(Words(kept, RegionScope.PerVcpu))),
            ("KVM words per VM", Text(Words(kept, RegionScope.PerVm))),
            ("KVM locks taken", Text(description.Locks.Count)),
            ("capabilities", Text(description.Capabilities.Count)),
            ("new ioctls", Text(ioctls.Length)),
            ("operations of them", Text(ioctls.Sum(i => i.Operations.Count == 0 ? 1 : i.Operations.Count))),
            ("errno values of them", Text(ioctls.Sum(i => i.Errors.Count))),
            ("flags", Text(description.Flags.Count)),
            ("new structures", Text(subject.NewStructs.Count())),
            ("bytes of them", Text(subject.NewStructs.Sum(s => s.Size))),
            ("fields in existing structures",
                Text(subject.NewFields(Abi.X8664)
                .Count(f => UapiModel.Existing(f.Struct.Name) is not null && f.Field.Field.Members.Count == 0))),
        ];
    }

    private static long Words(IEnumerable<RegionSpec> regions, RegionScope scope) =>
        regions.Where(r => r.Scope == scope).Sum(r => (long)r.Count);

    private static string Text(long number) => Invariant($"{number}");
}
