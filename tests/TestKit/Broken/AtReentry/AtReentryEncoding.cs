using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>The exit offers an APF, the VMM answers in a shared word, and KVM_RUN injects.</summary>
internal sealed class AtReentryEncoding(string id, string summary, AtReentryFault fault) : Encoding
{
    public override EncodingDescription Description => TestFlags.Describe(id, summary, 1, "present", "fault");

    public override IReadOnlyList<RegionSpec> Regions =>
    [
        new("userfault_bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1,
            "1 = a fault exits to userspace.") { Holds = WordKind.Number },
        FrameApf.Spec,
        new("answer", RegionOwner.Shared, RegionScope.PerVcpu, 8, 1,
            "1 = start an APF; written after an exit, zeroed by KVM_RUN.") { Holds = WordKind.Number },
        new("offered", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 64, 1,
            "Frame of the last offer plus one, 0 = none.") { Holds = WordKind.GfnPlusOne },
        new("offer_epoch", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 64, 1,
            "slot_epoch at the time of the offer.") { Holds = WordKind.Number },
        new("slot_epoch", RegionOwner.KvmPrivate, RegionScope.PerVm, 64, 1,
            "Memslot updates so far.") { Holds = WordKind.Number },
    ];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new AtReentryKvmHalf<TKvm>(fault);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new AtReentryVmmHalf<TVmm>();
}

/// <summary>Handles of its regions.</summary>
internal static class AtReentryWords
{
    public static Region Bitmap => new(0);

    public static Region Apfs => new(1);

    public static Region Answer => new(2);

    public static Region Offered => new(3);

    public static Region OfferEpoch => new(4);

    public static Region SlotEpoch => new(5);
}
