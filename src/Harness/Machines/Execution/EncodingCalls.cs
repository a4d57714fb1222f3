using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>
/// Calls into the two halves, one method each. False: the operation stopped at a scheduling point and the same call
/// must be made again when the actor next steps.
/// </summary>
internal abstract class EncodingCalls
{
    public abstract bool OnGuestFault(int vcpu, GuestFault fault, out FaultAnswer answer);

    public abstract bool OnRun(int vcpu, RunEntry entry, out RunAnswer answer);

    public abstract bool OnRunReturn(int vcpu);

    public abstract bool OnBeforeHalt(int vcpu);

    public abstract bool OnApfDelivered(int vcpu, ApfRef apf);

    public abstract bool OnQueueClearing(int vcpu, QueueClearReason reason);

    public abstract bool OnQueueCleared(int vcpu, QueueClearReason reason);

    public abstract bool OnMemslotChange(int actor, MemslotChange change);

    public abstract bool OnWork(int actor, ulong argument);

    public abstract bool OnVcpuCreated(int actor, int vcpu);

    public abstract bool OnTrackWrites(int actor, Gfn gfn, out bool isTracked);

    public abstract bool OnArm(int actor, ArmRequest request);

    public abstract bool OnExit(int vcpu, FaultExit exit, Handling wanted, out ExitAction action);

    public abstract bool OnFetchStarted(int actor, FetchStart start);

    public abstract bool OnContentArrived(int actor, Gfn gfn);

    public abstract bool OnEventfd(int actor, int eventfd);

    /// <summary>An ioctl that no half has asked for.</summary>
    public abstract bool RawIoctl(int actor, IoctlCall call, out long result);
}
