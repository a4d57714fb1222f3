using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>One bit for each frame and no APFs; version 2 tracks writes by a second bitmap.</summary>
internal sealed class SkewEncoding(string id, string summary, SkewFault fault, int version = 1) : Encoding
{
    public const uint EnableCap = 0xa3;
    public const ulong TrackWrites = 252;
    public const ulong TrackedWrite = 1UL << 7;

    public static Region Marked => new(0);

    public static Region Enabled => new(1);

    public static Region Agreed => new(2);

    public static Region Tracked => new(3);

    public override EncodingDescription Description => new()
    {
        Id = id,
        FullName = version == 1 ? id : id + ":version=v2",
        Version = version,
        Summary = summary,
        Origin = "A test: right, or wrong on purpose.",
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Number,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Ioctls = [new("KVM_ENABLE_CAP", EnableCap, "W", "kvm_enable_cap", TakesVcpuMutex: false,
            [(Errno.Invalid, "unknown")], "Existing ioctl.")],
        Structs = [LinuxKvm.EnableCap],
    };

    public override IReadOnlyList<RegionSpec> Regions => version == 1
        ? [Bits("marked", RegionOwner.Shared)]
        : [Bits("marked", RegionOwner.Shared), Word("enabled", RegionOwner.KvmPrivate),
            Word("agreed", RegionOwner.VmmPrivate), Bits("tracked", RegionOwner.Shared)];

    public override IReadOnlyList<Encoding> Versions =>
        [new SkewEncoding(id, summary, fault), new SkewEncoding(id, summary, fault, 2)];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new SkewKvmHalf<TKvm>(fault, version);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new SkewVmmHalf<TVmm>(fault, version);

    private static RegionSpec Bits(string name, RegionOwner owner) =>
        new(name, owner, RegionScope.PerGfn, 64, 1, name) { Holds = WordKind.Number };

    private static RegionSpec Word(string name, RegionOwner owner) =>
        new(name, owner, RegionScope.PerVm, 32, 1, name) { Holds = WordKind.Number };
}
