using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Two versions of some structures, and what is to be said of the change.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Old">Before.</param>
/// <param name="Now">After.</param>
/// <param name="Worst">The worst class among the changes; null for none.</param>
/// <param name="Verdict">What check-uapi says.</param>
internal sealed record LayoutChange(string Name, StructSpec[] Old, StructSpec[] Now, ChangeClass? Worst,
    CheckUapiVerdict Verdict)
{
    private const CheckUapiVerdict Passes = CheckUapiVerdict.Passes;
    private const CheckUapiVerdict WithIgnore = CheckUapiVerdict.PassesWithIgnore;
    private const CheckUapiVerdict Refuses = CheckUapiVerdict.Refuses;

    public static IReadOnlyList<LayoutChange> All { get; } =
    [
        Of("nothing", ["__u32 a", "__u32 b"], ["__u32 a", "__u32 b"], null, Passes),
        Of("a word of padding used", ["__u64 a", "__u64 pad2[14]"], ["__u64 a", "__u64 b", "__u64 pad2[13]"],
            ChangeClass.Padding, Passes),
        Of("half a word of padding used", ["__u64 a", "__u8 pad[4]", "__u32 z"],
            ["__u64 a", "__u16 b", "__u8 pad[2]", "__u32 z"], ChangeClass.Padding, Passes),
        Of("all padding used", ["__u32 a", "__u32 reserved[2]"], ["__u32 a", "__u32 b", "__u32 c"], ChangeClass.Padding,
            Passes),
        Of("field renamed", ["__u32 a", "__u32 b"], ["__u32 a", "__u32 c"], ChangeClass.Rename, Passes),
        Of("padding renamed and more used", ["__u32 a", "__u32 pad1", "__u64 pad2[14]"],
            ["__u32 a", "__u32 b", "__u64 c", "__u64 pad2[13]"], ChangeClass.Padding, Passes),
        Of("field appended", ["__u64 a"], ["__u64 a", "__u64 b"], ChangeClass.Growth, WithIgnore),
        Of("field appended behind padding", ["__u64 a", "__u64 reserved[2]"],
            ["__u64 a", "__u64 reserved[2]", "__u64 b"], ChangeClass.Growth, WithIgnore),
        Of("tail padding used", ["__u64 a", "__u32 b"], ["__u64 a", "__u32 b", "__u32 c"], ChangeClass.Growth,
            WithIgnore),
        Of("last field removed", ["__u64 a", "__u64 b"], ["__u64 a"], ChangeClass.Break, Refuses),
        Of("first field removed", ["__u64 a", "__u64 b"], ["__u64 b"], ChangeClass.Break, Refuses),
        Of("fields reordered", ["__u32 a", "__u32 b"], ["__u32 b", "__u32 a"], ChangeClass.Break, Refuses),
        Of("field widened into a hole", ["__u32 a", "__u64 b"], ["__u64 a", "__u64 b"], ChangeClass.Break, Refuses),
        Of("signedness changed", ["__u32 a"], ["__s32 a"], ChangeClass.Break, Refuses),
        Of("long made fixed", ["unsigned long a", "__u64 b"], ["__u64 a", "__u64 b"], ChangeClass.Break, Refuses),
        Of("field inserted", ["__u64 a", "__u64 b"], ["__u64 a", "__u64 x", "__u64 b"], ChangeClass.Break, Refuses),
        Of("field inserted before padding", ["__u64 a", "__u64 pad[2]"], ["__u64 x", "__u64 a", "__u64 pad[1]"],
            ChangeClass.Break, Refuses),
        Of("implicit hole used", ["__u32 a", "__u64 b"], ["__u32 a", "__u32 x", "__u64 b"], ChangeClass.Break, Refuses),
        Of("field split", ["__u64 a"], ["__u32 b", "__u32 c"], ChangeClass.Break, Refuses),
        Of("array shortened", ["__u32 a", "__u8 data[8]"], ["__u32 a", "__u8 data[4]"], ChangeClass.Break, Refuses),
        Of("padding lengthened", ["__u64 a", "__u64 pad[2]"], ["__u64 a", "__u64 pad[4]"], ChangeClass.Break, Refuses),
        Of("array of one made flexible", ["__u32 a", "__u32 b[1]"], ["__u32 a", "__u32 b[]"], ChangeClass.Break,
            Refuses),
        new("packed", [Struct("__u8 a", "__u64 b")], [Struct("__u8 a", "__u64 b") with { Packed = true, Size = 9 }],
            ChangeClass.Break, Refuses),
        new("structure removed", [Struct("__u32 a"), Headers.Struct("kvm_other", "__u32 a")], [Struct("__u32 a")],
            ChangeClass.Break, Refuses),
        new("structure added", [Struct("__u32 a")], [Struct("__u32 a"), Headers.Struct("kvm_other", "__u32 a")],
            ChangeClass.Addition, Passes),
        new("member of a union added", [Union(256)], [Union(256, Member("more", "__u64 y"))], ChangeClass.Addition,
            Passes),
        new("union made larger", [Union(256)], [Union(264)], ChangeClass.Break, Refuses),
        new("nested field changed", [Union(256)], [Union(256, first: Member("hw", "__s64 reason"))], ChangeClass.Break,
            Refuses),
        new("nested structure grown", [Union(256)], [Union(256, first: Member("hw", "__u64 reason", "__u32 more"))],
            ChangeClass.Growth, WithIgnore),
        new("padding of a union shortened", [Union(256, Member("big", "__u64 gprs[32]"))],
            [Union(252, Member("big", "__u64 gprs[32]"))], ChangeClass.Reported, Refuses),
        new("KVM Userfault: a pointer for a word of pad2", [LinuxKvm.MemoryRegion2],
            [Of("single-bit:apf=off", "kvm_userspace_memory_region2")], ChangeClass.Padding, Passes),
        new("async PF user: a token and 252 bytes of padding", [LinuxKvm.Run],
            [Of("single-bit:variant=as-posted", "kvm_run")], ChangeClass.Growth, Refuses),
        new("four planes and their number", [LinuxKvm.MemoryRegion2],
            [Of("multi-bit:bits=4,layout=split", "kvm_userspace_memory_region2")], ChangeClass.Padding, Passes),
        new("a byte for the answer", [LinuxKvm.Run], [Of("async-hint", "kvm_run")], ChangeClass.Padding, Passes),
    ];

    /// <summary>A change by its name.</summary>
    public static LayoutChange Named(string name) => All.Single(change => change.Name == name);

    /// <summary>What our own comparison finds.</summary>
    public IReadOnlyList<UapiChange> Changes => UapiDiff.Compare(Headers.Of(Old), Headers.Of(Now));

    /// <summary>One version as C.</summary>
    public static string Source(StructSpec[] structures)
    {
        var source = new StringBuilder("#include <linux/types.h>\n");
        foreach (StructSpec structure in structures)
        {
            CStruct.Write(source, structure);
        }

        return source.ToString();
    }

    private static LayoutChange Of(string name, string[] old, string[] now, ChangeClass? worst,
        CheckUapiVerdict verdict) =>
        new(name, [Struct(old)], [Struct(now)], worst, verdict);

    private static StructSpec Of(string encoding, string structure) => Headers.Model(encoding).Find(structure)!;

    private static StructSpec Struct(params string[] fields) => Headers.Struct("kvm_thing", fields);

    private static StructSpec Union(int padding, FieldSpec? more = null, FieldSpec? first = null) =>
        Headers.Sized(new("kvm_thing",
    [
        Headers.Field("__u32 reason"),
        new("", "union", 0)
        {
            Members = [first ?? Member("hw", "__u64 reason"), .. more is null ? Array.Empty<FieldSpec>()
                : [more], Headers.Field(Invariant($"char padding[{padding}]"))],
        },
        Headers.Field("__u64 valid"),
    ], 0));

    private static FieldSpec Member(string name, params string[] fields) =>
        new(name, "struct", 0) { Members = [.. fields.Select(Headers.Field)] };
}
