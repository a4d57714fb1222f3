using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>How a method of a half is run in a world. A struct, so that each way has code of its own.</summary>
/// <typeparam name="TWorld">The world.</typeparam>
internal interface IHalfRunner<TWorld>
    where TWorld : struct, IKvm, IVmm
{
    /// <summary>Runs it.</summary>
    /// <returns>False if it stopped at a scheduling point.</returns>
    bool Run<THalf, TArgument>(THalf half, int actor, Operation operation, bool onVmmSide, TArgument argument,
        Action<THalf, TWorld, TArgument> call);

    /// <summary>Runs one that has a result.</summary>
    /// <returns>False if it stopped at a scheduling point.</returns>
    bool Run<THalf, TArgument, TResult>(THalf half, int actor, Operation operation, bool onVmmSide,
        TArgument argument, Func<THalf, TWorld, TArgument, TResult> call, out TResult result)
        where TResult : struct;
}

/// <inheritdoc/>
/// <typeparam name="TWorld">The world that the halves see.</typeparam>
/// <typeparam name="TRunner">How they run in it.</typeparam>
internal sealed class HalfCalls<TWorld, TRunner>(TRunner runner, IKvmHalf<TWorld> kvmHalf, IVmmHalf<TWorld> vmmHalf)
    : EncodingCalls
    where TWorld : struct, IKvm, IVmm
    where TRunner : struct, IHalfRunner<TWorld>
{
    public override bool OnGuestFault(int vcpu, GuestFault fault, out FaultAnswer answer) =>
        Kvm(vcpu, Operation.OnGuestFault, fault, static (half, kvm, fault) => half.OnGuestFault(kvm, fault),
            out answer);

    public override bool OnRun(int vcpu, RunEntry entry, out RunAnswer answer) =>
        Kvm(vcpu, Operation.OnRun, entry, static (half, kvm, entry) => half.OnRun(kvm, entry), out answer);

    public override bool OnRunReturn(int vcpu) =>
        Kvm(vcpu, Operation.OnRunReturn, vcpu, static (half, kvm, vcpu) => half.OnRunReturn(kvm, vcpu));

    public override bool OnBeforeHalt(int vcpu) =>
        Kvm(vcpu, Operation.OnBeforeHalt, vcpu, static (half, kvm, vcpu) => half.OnBeforeHalt(kvm, vcpu));

    public override bool OnApfDelivered(int vcpu, ApfRef apf) =>
        Kvm(vcpu, Operation.OnApfDelivered, (vcpu, apf),
            static (half, kvm, a) => half.OnApfDelivered(kvm, a.vcpu, a.apf));

    public override bool OnQueueClearing(int vcpu, QueueClearReason reason) =>
        Kvm(vcpu, Operation.OnQueueClearing, (vcpu, reason),
            static (half, kvm, a) => half.OnQueueClearing(kvm, a.vcpu, a.reason));

    public override bool OnQueueCleared(int vcpu, QueueClearReason reason) =>
        Kvm(vcpu, Operation.OnQueueCleared, (vcpu, reason),
            static (half, kvm, a) => half.OnQueueCleared(kvm, a.vcpu, a.reason));

    public override bool OnMemslotChange(int actor, MemslotChange change) =>
        Kvm(actor, Operation.OnMemslotChange, change, static (half, kvm, change) => half.OnMemslotChange(kvm, change));

    public override bool OnWork(int actor, ulong argument) =>
        Kvm(actor, Operation.OnWork, argument, static (half, kvm, argument) => half.OnWork(kvm, argument));

    public override bool OnVcpuCreated(int actor, int vcpu) =>
        Vmm(actor, Operation.OnVcpuCreated, vcpu, static (half, vmm, vcpu) => half.OnVcpuCreated(vmm, vcpu));

    public override bool OnTrackWrites(int actor, Gfn gfn, out bool isTracked) =>
        Vmm(actor, Operation.OnTrackWrites, gfn, static (half, vmm, gfn) => half.OnTrackWrites(vmm, gfn, 1),
            out isTracked);

    public override bool OnArm(int actor, ArmRequest request) =>
        Vmm(actor, Operation.OnArm, request, static (half, vmm, request) => half.OnArm(vmm, request));

    public override bool OnExit(int vcpu, FaultExit exit, Handling wanted, out ExitAction action) =>
        Vmm(vcpu, Operation.OnExit, (exit, wanted), static (half, vmm, a) => half.OnExit(vmm, a.exit, a.wanted),
            out action);

    public override bool OnFetchStarted(int actor, FetchStart start) =>
        Vmm(actor, Operation.OnFetchStarted, start, static (half, vmm, start) => half.OnFetchStarted(vmm, start));

    public override bool OnContentArrived(int actor, Gfn gfn) =>
        Vmm(actor, Operation.OnContentArrived, gfn,
            static (half, vmm, gfn) => half.OnContentArrived(vmm, gfn));

    public override bool OnEventfd(int actor, int eventfd) =>
        Vmm(actor, Operation.OnEventfd, eventfd, static (half, vmm, eventfd) => half.OnEventfd(vmm, eventfd));

    public override bool RawIoctl(int actor, IoctlCall call, out long result) =>
        Vmm(actor, Operation.OnIoctl, call,
            static (_, vmm, call) => vmm.Ioctl(call.Vcpu, call.Number, call.Argument), out result);

    private bool Kvm<TArgument>(
        int actor, Operation operation, TArgument argument, Action<IKvmHalf<TWorld>, TWorld,
            TArgument> call) =>
        runner.Run(kvmHalf, actor, operation, onVmmSide: false, argument, call);

    private bool Kvm<TArgument, TResult>(
        int actor,
        Operation operation,
        TArgument argument,
        Func<IKvmHalf<TWorld>, TWorld, TArgument, TResult> call,
        out TResult result)
        where TResult : struct =>
        runner.Run(kvmHalf, actor, operation, onVmmSide: false, argument, call, out result);

    private bool Vmm<TArgument>(
        int actor, Operation operation, TArgument argument, Action<IVmmHalf<TWorld>, TWorld,
            TArgument> call) =>
        runner.Run(vmmHalf, actor, operation, onVmmSide: true, argument, call);

    private bool Vmm<TArgument, TResult>(
        int actor,
        Operation operation,
        TArgument argument,
        Func<IVmmHalf<TWorld>, TWorld, TArgument, TResult> call,
        out TResult result)
        where TResult : struct =>
        runner.Run(vmmHalf, actor, operation, onVmmSide: true, argument, call, out result);
}
