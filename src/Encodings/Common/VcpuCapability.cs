using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>A per-vCPU capability: off by default, switched by KVM_ENABLE_CAP on the vCPU.</summary>
internal static class VcpuCapability
{
    /// <summary>KVM_ENABLE_CAP, an existing ioctl.</summary>
    public const uint EnableCap = 0xa3;

    /// <summary>The existing structure. Its fields from args[3] on do not fit the carrier and are taken for
    /// zero.</summary>
    public static StructSpec Struct => LinuxKvm.EnableCap;

    public static IoctlSpec Ioctl =>
        new("KVM_ENABLE_CAP", EnableCap, "W", "kvm_enable_cap", TakesVcpuMutex: true,
        [(Errno.Invalid, "another capability, flags not 0, args[0] above 1, or a further argument not 0")],
        "Existing ioctl; the encoding adds its capability: args[0] = 1 on, 0 off.");

    /// <summary>KVM's word: whether userspace has switched it on.</summary>
    public static RegionSpec EnabledSpec =>
        new("apf_enabled", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 32, 1,
            "1 = the capability is on for this vCPU; written by KVM_ENABLE_CAP.")
        {
            Holds = WordKind.Number,
            Restore = "the VMM calls KVM_ENABLE_CAP again",
        };

    public static IoctlArgument On(int capability) => new((ulong)capability, 1);

    public static bool IsOn<TKvm>(TKvm kvm, Region enabled, int vcpu)
        where TKvm : struct, IKvm =>
        kvm.Load(enabled, enabled.At(vcpu)) != 0;

    /// <summary>Handles KVM_ENABLE_CAP. Switching off leaves outstanding APFs alone: READY still completes
    /// them.</summary>
    public static Errno Set<TKvm>(TKvm kvm, Region enabled, int capability, IoctlCall call)
        where TKvm : struct, IKvm
    {
        (ulong capAndFlags, ulong on, ulong argument1, ulong argument2) = call.Argument;
        if (capAndFlags != (ulong)capability || on > 1 || argument1 != 0 || argument2 != 0)
        {
            return Errno.Invalid;
        }

        kvm.Store(enabled, enabled.At(call.Vcpu), on);
        return Errno.None;
    }
}
