using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Tests.Registry;

/// <summary>An encoding whose KVM half is any type, for the inspector to look at.</summary>
internal sealed class HalvesUnderTest(Type kvmHalf) : Encoding
{
    public override EncodingDescription Description =>
        new() { Id = "under-test", FullName = "under-test", Summary = "", Origin = "", BitsPerGfn = 1 };

    public override IReadOnlyList<RegionSpec> Regions => [];

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => (IKvmHalf<TKvm>)Make<TKvm>(kvmHalf);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() =>
        kvmHalf == typeof(BothHalves) ? (IVmmHalf<TVmm>)(object)new BothHalves() : new PlainVmmHalf<TVmm>();

    private static object Make<TKvm>(Type half) =>
        Activator.CreateInstance(half.IsGenericTypeDefinition ? half.MakeGenericType(typeof(TKvm)) : half)!;
}

internal sealed class PlainVmmHalf<TVmm> : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request)
    {
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
    }
}

internal sealed class BothHalves : IKvmHalf<MachineWorld>, IVmmHalf<MachineWorld>
{
    public FaultAnswer OnGuestFault(MachineWorld kvm, GuestFault fault) => FaultAnswer.Map;

    public void OnArm(MachineWorld vmm, ArmRequest request)
    {
    }

    public ExitAction OnExit(MachineWorld vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;

    public void OnContentArrived(MachineWorld vmm, Gfn gfn)
    {
    }
}
