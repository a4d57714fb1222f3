using System.Runtime.CompilerServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Kvm;

namespace UapiLab.Harness.Machines.Reduction;

/// <summary>
/// Which steps another actor can notice. A step that no actor can notice needs no scheduling point of its own: it is
/// taken together with the actor's next one that another can (docs/checking.md, "reductions").
/// </summary>
internal sealed class Footprint(Machine machine)
{
    /// <summary>What is known of the encoding's habits; null where it is not asked for (a simulation).</summary>
    public OwnershipTracker? Ownership { get; set; }

    /// <summary>The step in progress did something another actor may notice.</summary>
    public bool IsVisible { get; set; }

    /// <summary>Before a step of a vCPU thread: what it does outside the encoding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeforeVcpu(int vcpu)
    {
        if (Ownership is not null)
        {
            OfVcpu(vcpu);
        }
    }

    /// <summary>Before a step of another actor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeforeService(int actor)
    {
        if (Ownership is not null)
        {
            OfService(actor);
        }
    }

    private void OfVcpu(int vcpu)
    {
        IsVisible |= machine.Vcpus[vcpu].Step switch
        {
            VcpuStep.GuestNotPresent or VcpuStep.FaultCheck or VcpuStep.LookupSleep or VcpuStep.ReadyDelivered
                or VcpuStep.BeforeHalt
                or VcpuStep.QueueClearing or VcpuStep.QueueCleared or VcpuStep.VmmBoundedWait or VcpuStep.VmmOnExit
                or VcpuStep.VmmLocalFetch or VcpuStep.VmmWaitFetch or VcpuStep.VmmPublish
                    or VcpuStep.VmmFetchStarted => false,
            VcpuStep.RunReturn => Ownership?.MutexIsShared ?? true,
            VcpuStep.VmmResolve => !machine.Vcpus[vcpu].Owner, // only the owner changes a fetch that has one
            VcpuStep.RunEntry => MayBeRearmed && machine.Config.PausesToRearm,
            VcpuStep.FaultSnapshot => (MayBeRearmed && !machine.Config.PausesToRearm)
                || machine.Config.StartsPrivate,
            VcpuStep.FaultLookup => machine.Config.Backing != Backing.Anonymous,
            VcpuStep.RunLoop => machine.Vm.PauseRequested
                || (MayBeRearmed && machine.Config.RearmBy == RearmWay.MemslotRunning)
                || !IsLeftAlone(vcpu),
            _ => true,
        };
    }

    /// <summary>What the step read can only change into something that the actor's next step looks at again, with the
    /// same outcome as if it had changed before: it may be put off until then.</summary>
    public void DeferToNextStep() => IsVisible = false;

    private void OfService(int actor)
    {
        ref var state = ref machine.Actors[actor];
        IsVisible |= state.Step switch
        {
            ServiceStep.Publish or ServiceStep.FetchStarted or ServiceStep.Arm or ServiceStep.Eventfd
                or ServiceStep.Work => false,
            // No other actor takes completed fetches, and none can tell when they are taken.
            ServiceStep.Take => actor >= machine.DeviceActor || machine.Config.IoThreads > 1
                || machine.Vm.SignalledEventfds > 0,
            // All vCPU threads are parked: none looks at flag, tables or sequence.
            ServiceStep.SlotOff or ServiceStep.SlotOn => !machine.Config.PausesToRearm,
            _ => true,
        };
    }

    /// <summary>An access to a word of a region.</summary>
    public void OfWord(RegionStore store, ulong index, int actor)
    {
        if (Ownership is null || store.Spec.Scope is RegionScope.PerGfn or RegionScope.PerVm)
        {
            IsVisible = true;
            return;
        }

        var unit = (int)index / store.Spec.Count;
        var vcpu = store.Spec.Scope == RegionScope.PerVcpu ? unit : unit / KvmApf.SlotsPerVcpu(machine.Config);
        var underLock = machine.Locks.IsHeldBy(KvmLock.Apf, vcpu, actor);
        // A slot that is free cannot be found by others, so its owner needs no lock.
        var isFree = store.Spec.Scope == RegionScope.PerApf && actor == vcpu
            && machine.Apf.Item(unit).Status == ApfStatus.Free;
        Ownership.Access(store.Id, actor == vcpu, underLock || isFree);
        IsVisible |= !Ownership.Guards(store.Id);
    }

    /// <summary>A completion or kick of a vCPU.</summary>
    public void OfWakingUp(int vcpu, int actor)
    {
        IsVisible = true;
        if (actor != vcpu && HasEmptyQueue(vcpu))
        {
            Ownership?.OthersTouchEmptyQueue();
        }
    }

    /// <summary>An ioctl took the vCPU mutex.</summary>
    public void OfMutex(int vcpu, int actor)
    {
        if (actor != vcpu)
        {
            Ownership?.OthersTakeMutex();
        }
    }

    private bool MayBeRearmed =>
        machine.Config.Rearms && machine.Actors[machine.RearmActor].Blocked != BlockReason.Finished;

    /// <summary>No other actor has a reason to touch the vCPU's requests: it has no APF outstanding.</summary>
    private bool IsLeftAlone(int vcpu) => HasEmptyQueue(vcpu) && Ownership is { EmptyQueuesAreTouched: false };

    private bool HasEmptyQueue(int vcpu) => machine.Vcpus[vcpu].Queued == 0 && machine.Vcpus[vcpu].DoneCount == 0;
}
