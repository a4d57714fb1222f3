using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Vmm;

/// <summary>
/// Snapshot and restore of the whole VM (docs/model.md, rules R1 to R7): the guest goes on where its vCPUs were
/// stopped, in another process with another KVM underneath. One step, since no thread runs at the source any more and
/// none yet at the destination.
/// </summary>
internal sealed class VmRestore(Machine machine)
{
    private readonly RestoreScenario _scenario = machine.Config.Restores!;

    /// <summary>Every vCPU is parked outside of KVM_RUN.</summary>
    public void Run()
    {
        var outstanding = 0;
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            outstanding += machine.Apf.Outstanding(vcpu);
        }

        machine.Emit(MachineEventKind.VmRestored, -1, 0, (ulong)outstanding);
        machine.SharedMemory.IsOn = false; // all that follows happens before anybody looks
        EndSource();
        StartKvmAfresh();
        StartWordsAfresh();
        machine.Vmm.SetUp();
        machine.Area.Restore();
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            RestoreVcpu(vcpu, ref machine.Vcpus[vcpu]);
        }

        machine.Vm.VectorIsLost = _scenario.Msrs == ApfMsrsAtRestore.NoVector; // rule R6
        machine.SharedMemory.IsOn = true;
    }

    /// <summary>Rule R1: threads, fetches, waiters, eventfds and work items of the source end with it.</summary>
    private void EndSource()
    {
        machine.SharedMemory.Forget();
        machine.Locks.Clear();
        machine.Eventfds.Clear();
        machine.FetchTable.Clear();
        ref var vm = ref machine.Vm;
        (vm.WorkHead, vm.WorkCount, vm.PrefetchInFlight, vm.UnderWay) = (0, 0, 0, 0);
        for (var actor = machine.Config.Vcpus; actor < machine.ActorCount; actor++)
        {
            if (actor == machine.RearmActor)
            {
                continue; // it is the one that restores
            }

            var on = actor < machine.DeviceActor ? ServiceThreads.IdleIoThread : actor;
            machine.Actors[actor] = StateTable<ActorState>.Dead with { Blocked = BlockReason.Idle, BlockedOn = on };
        }

        if (machine.Config.PrefetchDepth > 0)
        {
            machine.Wake(machine.PrefetchActor);
        }
    }

    /// <summary>Rule R2: nothing that only KVM knows comes along, and no page is mapped or there.</summary>
    private void StartKvmAfresh()
    {
        machine.Memory.LoseAll();
        machine.Vm.Userfault = false;
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            machine.Apf.Forget(vcpu);
            ref var v = ref machine.Vcpus[vcpu];
            v.TokenCounter = 0;
            (v.RequestHalt, v.RequestReady, v.ApfHalted, v.Kicked, v.Slept) = (false, false, false, false, false);
        }
    }

    /// <summary>Rule R3: KVM's words start as they did at first. The VMM maps new shared ones too, unless it carries
    /// them over.</summary>
    private void StartWordsAfresh()
    {
        foreach (var region in machine.Regions)
        {
            if (!_scenario.CarriesWords || region.Owner == RegionOwner.KvmPrivate)
            {
                region.Fill(0, region.Words, region.Spec.StartsAs);
            }
        }
    }

    /// <summary>Rule R4: what the VMM reads and writes by ioctl comes along: registers, a pending exception, the LAPIC
    /// with its pending interrupt, HLT. Rule R5: a host-initiated write of MSR_KVM_ASYNC_PF_EN is a write like the
    /// guest's own, and refused like it (R7).</summary>
    private void RestoreVcpu(int vcpu, ref VcpuState v)
    {
        v.Fetch = -1;
        v.LastFault = 0;
        if (v.ApfEnabled)
        {
            v.ApfEnabled = false;
            if (_scenario.Msrs != ApfMsrsAtRestore.Refused && !machine.Config.Breaks(Rules.R5WritesMsr))
            {
                machine.Apf.Enable(vcpu);
            }
        }
    }
}
