using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>Another encoding, each access of which a plan may change.</summary>
internal sealed class MutantEncoding(Encoding original, IMutationPlan plan, string what) : Encoding
{
    public override EncodingDescription Description =>
        original.Description with { FullName = $"{original.Description.FullName} with {what}" };

    public override IReadOnlyList<RegionSpec> Regions => original.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() =>
        new MutantKvmHalf<TKvm>(original.KvmHalf<MutantKvm<TKvm>>(), plan, original.Description);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() =>
        new MutantVmmHalf<TVmm>(original.VmmHalf<MutantVmm<TVmm>>(), plan);
}

/// <summary>Runs another encoding's KVM half in a <see cref="MutantKvm{TKvm}"/>, a new one for each call.</summary>
internal sealed class MutantKvmHalf<TKvm>(IKvmHalf<MutantKvm<TKvm>> half, IMutationPlan plan,
    EncodingDescription description) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        Call(kvm, Operation.OnGuestFault, world => half.OnGuestFault(world, fault));

    public RunAnswer OnRun(TKvm kvm, RunEntry entry) => Call(kvm, Operation.OnRun, world => half.OnRun(world, entry));

    public void OnRunReturn(TKvm kvm, int vcpu) =>
        Call(kvm, Operation.OnRunReturn, world => half.OnRunReturn(world, vcpu));

    public long OnIoctl(TKvm kvm, IoctlCall call)
    {
        var spec = description.Ioctls.FirstOrDefault(i => i.Number == call.Number);
        return Call(kvm, new HalfOperation(true, Operation.OnIoctl, call.Number, spec?.OpIn(call.Argument) ?? 0),
            world => half.OnIoctl(world, call));
    }

    public void OnEventfd(TKvm kvm, int eventfd) =>
        Call(kvm, Operation.OnEventfd, world => half.OnEventfd(world, eventfd));

    public void OnWork(TKvm kvm, ulong argument) => Call(kvm, Operation.OnWork, world => half.OnWork(world, argument));

    public void OnBeforeHalt(TKvm kvm, int vcpu) =>
        Call(kvm, Operation.OnBeforeHalt, world => half.OnBeforeHalt(world, vcpu));

    public void OnApfDelivered(TKvm kvm, int vcpu, ApfRef apf) =>
        Call(kvm, Operation.OnApfDelivered, world => half.OnApfDelivered(world, vcpu, apf));

    public void OnQueueClearing(TKvm kvm, int vcpu, QueueClearReason reason) =>
        Call(kvm, Operation.OnQueueClearing, world => half.OnQueueClearing(world, vcpu, reason));

    public void OnQueueCleared(TKvm kvm, int vcpu, QueueClearReason reason) =>
        Call(kvm, Operation.OnQueueCleared, world => half.OnQueueCleared(world, vcpu, reason));

    public void OnMemslotChange(TKvm kvm, MemslotChange change) =>
        Call(kvm, Operation.OnMemslotChange, world => half.OnMemslotChange(world, change));

    private T Call<T>(TKvm kvm, Operation operation, Func<MutantKvm<TKvm>, T> call) =>
        Call(kvm, new HalfOperation(true, operation), call);

    private T Call<T>(TKvm kvm, HalfOperation operation, Func<MutantKvm<TKvm>, T> call)
    {
        var memory = new MutantMemory<TKvm>(kvm, plan, operation);
        return memory.After(call(new(kvm, memory)));
    }

    private void Call(TKvm kvm, Operation operation, Action<MutantKvm<TKvm>> call)
    {
        var memory = new MutantMemory<TKvm>(kvm, plan, new(true, operation));
        call(new(kvm, memory));
        memory.After();
    }
}

/// <summary>Runs another encoding's VMM half in a <see cref="MutantVmm{TVmm}"/>, a new one for each call.</summary>
internal sealed class MutantVmmHalf<TVmm>(IVmmHalf<MutantVmm<TVmm>> half, IMutationPlan plan) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    public void OnArm(TVmm vmm, ArmRequest request) => Call(vmm, Operation.OnArm, world => half.OnArm(world, request));

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted)
    {
        var memory = Memory(vmm, Operation.OnExit);
        return memory.After(half.OnExit(new(vmm, memory), exit, wanted));
    }

    public void OnContentArrived(TVmm vmm, Gfn gfn) =>
        Call(vmm, Operation.OnContentArrived, world => half.OnContentArrived(world, gfn));

    public void OnFetchStarted(TVmm vmm, FetchStart start) =>
        Call(vmm, Operation.OnFetchStarted, world => half.OnFetchStarted(world, start));

    public void OnVcpuCreated(TVmm vmm, int vcpu) =>
        Call(vmm, Operation.OnVcpuCreated, world => half.OnVcpuCreated(world, vcpu));

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count)
    {
        var memory = Memory(vmm, Operation.OnTrackWrites);
        return memory.After(half.OnTrackWrites(new(vmm, memory), first, count));
    }

    public void OnEventfd(TVmm vmm, int eventfd) =>
        Call(vmm, Operation.OnEventfd, world => half.OnEventfd(world, eventfd));

    private void Call(TVmm vmm, Operation operation, Action<MutantVmm<TVmm>> call)
    {
        var memory = Memory(vmm, operation);
        call(new(vmm, memory));
        memory.After();
    }

    private MutantMemory<TVmm> Memory(TVmm vmm, Operation operation) => new(vmm, plan, new(false, operation));
}
