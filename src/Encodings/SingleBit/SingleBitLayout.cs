using UapiLab.Abstractions;

namespace UapiLab.Encodings.SingleBit;

/// <summary>Declared regions and the ioctl; a handle is the position in the list of regions.</summary>
internal static class SingleBitLayout
{
    /// <summary>KVM_ASYNC_PF_USER_READY.</summary>
    public const uint Ready = 0xd6;

    /// <summary>KVM_CAP_ASYNC_PF_USER (variant=repaired): ours, to be assigned.</summary>
    public const int Capability = 0xffff;

    public static Region Bitmap => new(0);

    /// <summary>Only where <see cref="SingleBitOptions.KeepsLedger"/>.</summary>
    public static Region ApfState => new(1);

    /// <summary>Only where <see cref="SingleBitOptions.KeepsLedger"/>: the series as posted asks nobody.</summary>
    public static Region Enabled => new(2);

    /// <summary>Only where <see cref="SingleBitOptions.OwnsItems"/>.</summary>
    public static Region Items => new(1);

    public static IReadOnlyList<RegionSpec> Regions(SingleBitOptions options) => options.KeepsLedger
        ? [UserfaultBitmap.Spec, ApfLedger.Spec, VcpuCapability.EnabledSpec]
        : options.OwnsItems ? [UserfaultBitmap.Spec, ItemsSpec] : [UserfaultBitmap.Spec];

    private static RegionSpec ItemsSpec => new("apf_items", RegionOwner.KvmPrivate, RegionScope.PerApf, 8, 1,
        "1 = a struct kvm_async_pf_user of the slab cache.")
    {
        Holds = WordKind.Number,
        Allocates = true,
        Restore = "not needed: restoring MSR_KVM_ASYNC_PF_EN wakes every waiting task, and each faults again",
    };
}
