using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>
/// KVM's own async page faults over userfaultfd or swap (docs/model.md, rules K1 to K7): who starts one, and
/// the worker that sleeps in the vCPU's place. Everything from the queue to the ready event is <see cref="KvmApf"/>, as
/// for an encoding.
/// </summary>
internal sealed class KernelApf(Machine machine)
{
    private bool IsFromSwap => machine.Config.Backing == Backing.Swap;

    /// <summary>Rule K1: the look-up is tried without waiting first, and only what would sleep and can be made
    /// asynchronous is. Rule K2: otherwise the vCPU thread sleeps itself.</summary>
    /// <returns>Whether the vCPU is done with the fault for now.</returns>
    public bool TryStart(int vcpu, ref VcpuState v)
    {
        if (!machine.Config.KernelApf || v.FaultIsPrivate || machine.Config.Breaks(Rules.K1TryFirst)
            || !machine.Apf.CanDo(vcpu))
        {
            return false;
        }

        if (machine.Apf.FindByGfn(vcpu, v.FaultGfn) >= 0)
        {
            machine.Apf.RepeatedFault(vcpu);
            return true;
        }

        var slot = machine.Apf.SetUp(vcpu, v.FaultGfn, prefault: v.FaultGfn, own: true);
        if (slot < 0)
        {
            return false;
        }

        machine.View?.Begun(true, vcpu, Operation.OnGuestFault,
            Invariant($"look-up of gfn {v.FaultGfn} by vCPU {vcpu} finds nothing"));
        machine.Apf.InjectNotPresent(vcpu, slot);
        machine.Wake(machine.WorkerOf(vcpu));
        return true;
    }

    /// <summary>The content of a frame is there: workers that sleep on it go on.</summary>
    public void WakeWorkers(ulong gfn)
    {
        for (var vcpu = 0; machine.Config.KernelApf && vcpu < machine.Config.Vcpus; vcpu++)
        {
            if (machine.Apf.FindByGfn(vcpu, gfn) >= 0)
            {
                machine.Wake(machine.WorkerOf(vcpu));
            }
        }
    }

    /// <summary>The VMM's readers work again.</summary>
    public void WakeWorkers()
    {
        for (var vcpu = 0; machine.Config.KernelApf && vcpu < machine.Config.Vcpus; vcpu++)
        {
            machine.Wake(machine.WorkerOf(vcpu));
        }
    }

    /// <summary>One thing that some worker of a vCPU can do. Workers start in any order and late; here the oldest APF
    /// goes first, and how late is up to what schedules the actor.</summary>
    public void WorkerStep(int actor)
    {
        var vcpu = actor - machine.WorkerActor;
        for (var place = 0; machine.Apf.At(vcpu, place) is var slot and >= 0; place++)
        {
            ref var item = ref machine.Apf.Item(slot);
            if (item is { Status: ApfStatus.Queued, WakeAll: false, IsEncodings: false }
                && Advance(actor, vcpu, slot, ref item))
            {
                return;
            }
        }

        machine.Block(actor, BlockReason.Idle, actor);
    }

    /// <summary>Rule K3: the worker faults the page in for write whatever the guest did.</summary>
    public bool FaultsForWrite(bool guestWrites) => guestWrites || !machine.Config.Breaks(Rules.K3ForWrite);

    /// <summary>Rule K4: the worker reports when it is back, and does not look at what came of it.</summary>
    private bool Advance(int actor, int vcpu, int slot, ref ApfItem item)
    {
        if (!item.WorkerStarted)
        {
            machine.Clock.Spend(Cost.ThreadWake);
            item.WorkerStarted = true;
            if (!IsFromSwap)
            {
                machine.Userfaultfd.Ask(item.Gfn);
            }

            return true;
        }

        if (!machine.Memory.HasContent(item.Gfn))
        {
            // A page that came and was dropped before the worker looked: it faults again, as any thread would. Who
            // drops pages while vCPUs are parked lets its readers rest too, so until then no reader would see it.
            return (machine.Userfaultfd.IsRead || (IsFromSwap && machine.FetchTable.Find(item.Gfn) < 0))
                && !machine.Vm.PauseRequested && machine.Userfaultfd.Ask(item.Gfn);
        }

        machine.View?.Begun(true, actor, Operation.OnWork,
            Invariant($"the worker of vCPU {vcpu} for gfn {item.Gfn} is back"));
        machine.Clock.Spend(Cost.LockOperation);
        machine.Apf.Complete(vcpu, slot);
        machine.WakeAll(BlockReason.WorkerFlush, vcpu);
        return true;
    }

    /// <summary>Rule K5: stock KVM cancels the work that has not started, and waits for the workers that have, before
    /// it clears the queue; what they completed is never delivered.</summary>
    public bool WaitsForWorkers(int vcpu)
    {
        if (!machine.Config.KernelApf || machine.Config.Breaks(Rules.K5Flush))
        {
            return false;
        }

        for (var place = 0; machine.Apf.At(vcpu, place) is var slot and >= 0; place++)
        {
            if (machine.Apf.Item(slot) is { Status: ApfStatus.Queued, WorkerStarted: true })
            {
                machine.Block(vcpu, BlockReason.WorkerFlush, vcpu);
                return true;
            }
        }

        return false;
    }
}
