using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// Calls into the two halves, one method each. False: the operation stopped at a scheduling point and the same call must
/// be made again when the actor next steps.
/// </summary>
internal sealed class EncodingCalls(OperationWorld world, IKvmHalf<MachineKvm> kvmHalf, IVmmHalf<MachineVmm> vmmHalf)
{
    private readonly MachineKvm kvm = new(world);
    private readonly MachineVmm vmm = new(world);

    public bool OnGuestFault(int actor, GuestFault fault, out FaultAnswer answer)
    {
        answer = default;
        world.Begin(actor, Operation.OnGuestFault, onVmmSide: false);
        try
        {
            answer = kvmHalf.OnGuestFault(kvm, fault);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnRun(int actor, RunEntry entry, out RunAnswer answer)
    {
        answer = default;
        world.Begin(actor, Operation.OnRun, onVmmSide: false);
        try
        {
            answer = kvmHalf.OnRun(kvm, entry);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnExit(int actor, FaultExit exit, Handling wanted, out ExitAction action)
    {
        action = default;
        world.Begin(actor, Operation.OnExit, onVmmSide: true);
        try
        {
            action = vmmHalf.OnExit(vmm, exit, wanted);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnRunReturn(int vcpu)
    {
        world.Begin(vcpu, Operation.OnRunReturn, onVmmSide: false);
        try
        {
            kvmHalf.OnRunReturn(kvm, vcpu);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnBeforeHalt(int vcpu)
    {
        world.Begin(vcpu, Operation.OnBeforeHalt, onVmmSide: false);
        try
        {
            kvmHalf.OnBeforeHalt(kvm, vcpu);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnApfDelivered(int vcpu, ApfRef apf)
    {
        world.Begin(vcpu, Operation.OnApfDelivered, onVmmSide: false);
        try
        {
            kvmHalf.OnApfDelivered(kvm, vcpu, apf);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnMemslotChange(int actor, MemslotChange change)
    {
        world.Begin(actor, Operation.OnMemslotChange, onVmmSide: false);
        try
        {
            kvmHalf.OnMemslotChange(kvm, change);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnWork(int actor, ulong argument)
    {
        world.Begin(actor, Operation.OnWork, onVmmSide: false);
        try
        {
            kvmHalf.OnWork(kvm, argument);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnQueueClearing(int vcpu, QueueClearReason reason)
    {
        world.Begin(vcpu, Operation.OnQueueClearing, onVmmSide: false);
        try
        {
            kvmHalf.OnQueueClearing(kvm, vcpu, reason);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnQueueCleared(int vcpu, QueueClearReason reason)
    {
        world.Begin(vcpu, Operation.OnQueueCleared, onVmmSide: false);
        try
        {
            kvmHalf.OnQueueCleared(kvm, vcpu, reason);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnContentArrived(int actor, ulong gfn)
    {
        world.Begin(actor, Operation.OnContentArrived, onVmmSide: true);
        try
        {
            vmmHalf.OnContentArrived(vmm, new Gfn(gfn));
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnFetchStarted(int actor, FetchStart start)
    {
        world.Begin(actor, Operation.OnFetchStarted, onVmmSide: true);
        try
        {
            vmmHalf.OnFetchStarted(vmm, start);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnVcpuCreated(int actor, int vcpu)
    {
        world.Begin(actor, Operation.OnVcpuCreated, onVmmSide: true);
        try
        {
            vmmHalf.OnVcpuCreated(vmm, vcpu);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnEventfd(int actor, int eventfd)
    {
        world.Begin(actor, Operation.OnEventfd, onVmmSide: true);
        try
        {
            vmmHalf.OnEventfd(vmm, eventfd);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }

    public bool OnArm(int actor, ArmRequest request)
    {
        world.Begin(actor, Operation.OnArm, onVmmSide: true);
        try
        {
            vmmHalf.OnArm(vmm, request);
        }
        catch (Exception e) when (world.Absorbs(e))
        {
        }

        return world.End();
    }
}
