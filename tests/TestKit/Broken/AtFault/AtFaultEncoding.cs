using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>KVM injects at the fault; the VMM accepts what it hands off, and KVM_RUN completes what was not
/// accepted.</summary>
internal sealed class AtFaultEncoding(string id, string summary, AtFaultFault fault) : Encoding
{
    public override EncodingDescription Description => TestFlags.Describe(id, summary, 1, "present", "fault");

    public override IReadOnlyList<RegionSpec> Regions =>
    [
        new("userfault_bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1,
            "1 = a fault exits to userspace.") { Holds = WordKind.Number },
        FrameApf.Spec,
        .. fault.GpaPerWaiter ? Array.Empty<RegionSpec>() :
        [
            new("last_exit", RegionOwner.VmmPrivate, RegionScope.PerVcpu, 64, 1,
                "Frame of the vCPU's last exit, plus one.") { Holds = WordKind.GfnPlusOne },
        ],
    ];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new AtFaultKvmHalf<TKvm>(fault);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new AtFaultVmmHalf<TVmm>(fault);
}

/// <summary>Handles of its regions.</summary>
internal static class AtFaultWords
{
    public static Region Bitmap => new(0);

    public static Region Apfs => new(1);

    public static Region LastExit => new(2);
}
