using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>Per-vCPU locks with owners: the vCPU mutex, async_pf.lock, and one for the encoding.</summary>
internal sealed class LockTable(Machine machine, StateBlock block)
{
    /// <summary>vcpu->mutex: held from KVM_RUN's entry to its return.</summary>
    public const KvmLock VcpuMutex = (KvmLock)2;

    internal const int Kinds = 3;

    /// <summary>Owner's actor number plus one; 0 = free.</summary>
    internal Section<int> Owners => _owners;

    private readonly Section<int> _owners = block.Reserve<int>((long)machine.Config.Vcpus * Kinds);

    public bool TryTake(KvmLock which, int vcpu, int actor)
    {
        ref var owner = ref _owners[Number(which, vcpu)];
        if (owner != 0)
        {
            return false;
        }

        owner = actor + 1;
        return true;
    }

    public bool IsHeldBy(KvmLock which, int vcpu, int actor) => _owners[Number(which, vcpu)] == actor + 1;

    public bool IsHeld(KvmLock which, int vcpu) => _owners[Number(which, vcpu)] != 0;

    public void Wait(KvmLock which, int vcpu, int actor)
    {
        machine.Vm.LockWaiters++;
        machine.Block(actor, BlockReason.Lock, Number(which, vcpu));
    }

    /// <summary>What an actor waits for, and who holds it.</summary>
    public (string Name, int Holder) Wanted(int actor)
    {
        var number = machine.Actors[actor].BlockedOn;
        var which = (KvmLock)(number % Kinds);
        return (Invariant($"{(which == VcpuMutex ? "mutex" : $"{which} lock")} of vCPU {number / Kinds}"),
            _owners[number] - 1);
    }

    public bool Release(KvmLock which, int vcpu, int actor)
    {
        var number = Number(which, vcpu);
        ref var owner = ref _owners[number];
        if (owner != actor + 1)
        {
            return false;
        }

        owner = 0;
        if (machine.Vm.LockWaiters > 0)
        {
            machine.Vm.LockWaiters -= machine.WakeAll(BlockReason.Lock, number);
        }

        return true;
    }

    /// <summary>No thread holds or wants one.</summary>
    public void Clear()
    {
        _owners.Span(0, (int)_owners.Count).Clear();
        machine.Vm.LockWaiters = 0;
    }

    private static int Number(KvmLock which, int vcpu) => (vcpu * Kinds) + (int)which;
}
