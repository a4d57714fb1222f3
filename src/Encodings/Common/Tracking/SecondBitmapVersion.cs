using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>Version 2 where a frame's own bits have no value left, or where KVM acts before it asks: a second bitmap
/// beside the first. Its address takes one more word of padding that KVM has never checked, so it counts only where a
/// flag says that it does.</summary>
internal abstract class SecondBitmapVersion(Encoding first) : SecondVersion(first)
{
    private const string MemslotFlagName = "KVM_MEM_TRACK_WRITES";

    public override IReadOnlyList<RegionSpec> Regions => After(TrackingRegions.Specs);

    public override EncodingDescription Description
    {
        get
        {
            EncodingDescription common = Describe(
                "args[0] = 1: KVM_MEM_TRACK_WRITES may be set, and exits may say KVM_MEMORY_EXIT_FLAG_TRACKED_WRITE.",
                "A write to a present gfn whose bit in tracked_bitmap is set; nothing was injected.",
                    "KVM_MEMORY_EXIT_FLAG_TRACKED_WRITE", 7);
            return common with
            {
                Flags = [.. common.Flags,
                    new(MemslotFlagName, UserfaultUapi.MemslotFlagsField, 4, "tracked_bitmap is valid.") { Capability =
                    TrackingCapability.Name }],
                Structs = [.. common.Structs.Select(s => s.Name == LinuxKvm.MemoryRegion2.Name ? WithBitmap(s) : s)],
            };
        }
    }

    protected TrackingRegions Tracking => new(FirstRegions);

    private static StructSpec WithBitmap(StructSpec region)
    {
        FieldSpec padding = region.Fields[^1];
        var pointer = new FieldSpec(TrackingRegions.BitmapName, "__u64", padding.Offset)
        {
            Doc = "One bit per gfn of the slot, 1 = the first write exits to userspace.",
            PointsTo = "unsigned long",
            ValidWith = MemslotFlagName,
        };
        return region with
        {
            Fields =
            [.. region.Fields.SkipLast(1), pointer,
                padding with { Offset = padding.Offset + 8, Elements = padding.Elements - 1 }]
        };
    }
}
