using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>A per-vCPU capability: off by default, switched by KVM_ENABLE_CAP on the vCPU.</summary>
internal static class VcpuCapability
{
    /// <summary>The existing structure. Its fields from args[3] on do not fit the carrier and are taken for
    /// zero.</summary>
    public static StructSpec Struct => LinuxKvm.EnableCap;

    public static IoctlSpec Ioctl =>
        new("KVM_ENABLE_CAP", AsyncHintLayout.EnableCap, "W", "kvm_enable_cap", TakesVcpuMutex: true,
        [(Errno.Invalid, "another capability, flags not 0, args[0] above 1, or a further argument not 0")],
        "Existing ioctl; the encoding adds its capability: args[0] = 1 on, 0 off.");

    public static IoctlArgument On(int capability) => new((ulong)capability, 1);

    public static bool IsOn<TKvm>(TKvm kvm, int vcpu)
        where TKvm : struct, IKvm =>
        kvm.Load(AsyncHintLayout.Enabled, AsyncHintLayout.Enabled.At(vcpu)) != 0;

    /// <summary>Handles KVM_ENABLE_CAP. Switching off leaves outstanding APFs alone: READY still completes
    /// them.</summary>
    public static Errno Set<TKvm>(TKvm kvm, int capability, IoctlCall call)
        where TKvm : struct, IKvm
    {
        (ulong capAndFlags, ulong on, ulong argument1, ulong argument2) = call.Argument;
        if (capAndFlags != (ulong)capability || on > 1 || argument1 != 0 || argument2 != 0)
        {
            return Errno.Invalid;
        }

        kvm.Store(AsyncHintLayout.Enabled, AsyncHintLayout.Enabled.At(call.Vcpu), on);
        return Errno.None;
    }
}
