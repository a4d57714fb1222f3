using UapiLab.Abstractions;

namespace UapiLab.Encodings;

/// <summary>How the two sides of version 2 learn of each other: a capability of the VM that is off until userspace has
/// enabled it, and that a KVM of version 1 refuses with EINVAL like any capability it does not know.</summary>
internal static class TrackingCapability
{
    public const string Name = "KVM_CAP_USERFAULT_TRACK_WRITES";

    /// <summary>Ours, to be assigned.</summary>
    public const int Number = 0xfffe;

    public static CapabilitySpec Spec(string doc) => new(Name, Number, "vm", doc);

    /// <summary>KVM's word: whether userspace has enabled it.</summary>
    public static RegionSpec EnabledSpec =>
        new("tracking_enabled", RegionOwner.KvmPrivate, RegionScope.PerVm, 32, 1,
            "1 = the capability is on for this VM; written by KVM_ENABLE_CAP.")
        {
            Holds = WordKind.Number,
            Restore = "the VMM calls KVM_ENABLE_CAP again",
        };

    /// <summary>The VMM's word: whether KVM has agreed.</summary>
    public static RegionSpec AgreedSpec =>
        new("tracking_agreed", RegionOwner.VmmPrivate, RegionScope.PerVm, 32, 1,
            "1 = KVM has the capability and it is on.")
        {
            Holds = WordKind.Number,
        };

    public static IoctlSpec Ioctl => new("KVM_ENABLE_CAP", VcpuCapability.EnableCap, "W", "kvm_enable_cap",
        TakesVcpuMutex: false,
        [(Errno.Invalid, "another capability, flags not 0, args[0] above 1, or a further argument not 0")],
        "Existing ioctl; the encoding adds its capability: args[0] = 1 on, 0 off.")
    { Target = IoctlTarget.Vm };

    public static bool IsFor(IoctlCall call) =>
        call.Number == VcpuCapability.EnableCap && (call.Argument.W0 & uint.MaxValue) == Number;

    public static Errno Set<TKvm>(TKvm kvm, Region enabled, IoctlCall call)
        where TKvm : struct, IKvm
    {
        (ulong capAndFlags, ulong on, ulong argument1, ulong argument2) = call.Argument;
        if (capAndFlags != Number || on > 1 || argument1 != 0 || argument2 != 0)
        {
            return Errno.Invalid;
        }

        kvm.Store(enabled, 0, on);
        return Errno.None;
    }

    public static bool IsEnabled<TKvm>(TKvm kvm, Region enabled)
        where TKvm : struct, IKvm =>
        kvm.Load(enabled, 0) != 0;

    /// <summary>Once for the VM, with the first vCPU. Who is refused goes on without.</summary>
    public static void Ask<TVmm>(TVmm vmm, Region agreed, int vcpu)
        where TVmm : struct, IVmm
    {
        if (vcpu == 0 && vmm.Ioctl(vcpu, VcpuCapability.EnableCap, new IoctlArgument(Number, 1)) == 0)
        {
            vmm.Store(agreed, 0, 1);
        }
    }

    public static bool IsAgreed<TVmm>(TVmm vmm, Region agreed)
        where TVmm : struct, IVmm =>
        vmm.Load(agreed, 0) != 0;
}
