using System.Numerics;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Machines.Vmm;

/// <summary>
/// A thread of the VMM that does what it likes with what userspace can reach (concern C16): any value into any shared
/// word, any declared ioctl on any vCPU, with arguments that mean something or nothing. It stands in for the re-arming
/// thread.
/// </summary>
internal sealed class HostileThread(Machine machine)
{
    private Act[]? _acts;
    private ulong[]? _bounds;

    private Act[] Acts => _acts ??= [.. Writes(), .. Ioctls().Concat(InOrder()).Distinct()];

    public void Start()
    {
        machine.Actors[machine.RearmActor].Step = ServiceStep.Hostile;
        machine.Wake(machine.RearmActor);
    }

    public void Step(int actor, ref ActorState state)
    {
        if (machine.Vm.LiveVcpus == 0 || Acts.Length == 0 || (!state.InOperation && machine.Vm.HostileLeft == 0))
        {
            machine.Block(actor, BlockReason.Finished, actor);
            return;
        }

        if (!state.InOperation)
        {
            var act = machine.Choices.Choose(ChoiceKind.Hostile, machine.Vm.HostileLeft, Acts.Length);
            state.Chosen = checked((ushort)act);
            machine.Vm.HostileLeft--;
        }

        machine.Footprint.IsVisible = true;
        if (!Acts[state.Chosen].Do(machine, actor))
        {
            return;
        }

        machine.Actors[actor].Chosen = 0;
        if (machine.Vm.HostileLeft == 0)
        {
            machine.Block(actor, BlockReason.Finished, actor);
        }
    }

    private IEnumerable<Act> Writes() =>
        from store in machine.Regions
        where store.Owner == RegionOwner.Shared
        from index in Enumerable.Range(0, (int)Math.Min(store.Words, 32))
        from value in Values(store).Distinct()
        select new Act(store.Id, (ulong)index, value, null);

    /// <summary>What KVM may take for an index, a length or a signed number without a sufficient look: the bounds of
    /// every array that the encoding has, and the sign bit. A word that holds a bit or more of several frames is
    /// read bit by bit.</summary>
    private IEnumerable<ulong> Values(RegionStore store)
    {
        ulong[] always = [0, 1, store.Mask];
        return store.Spec.Scope == RegionScope.PerGfn && store.Spec.Count < store.Spec.WordBits
            ? always
            : always.Concat(Bounds.Select(bound => bound & store.Mask)).Append(store.Mask ^ (store.Mask >> 1));
    }

    /// <summary>One less than so many words, so many, and the power of two from there.</summary>
    private IEnumerable<ulong> Bounds => _bounds ??=
    [
        .. from store in machine.Regions
           from words in new[] { (ulong)store.Spec.Count, store.Words }
           where words > 1 && store.Spec.Scope != RegionScope.PerGfn
           from bound in new[] { words - 1, words, BitOperations.RoundUpToPowerOf2(words) }
           orderby bound
           select bound,
    ];

    /// <summary>Arguments: the first word as a token, a gpa or nonsense; where there is an op, every one up to the
    /// first that is not declared.</summary>
    private IEnumerable<Act> Ioctls() =>
        from ioctl in machine.Encoding.Description.Ioctls
        from vcpu in Enumerable.Range(0, machine.Config.Vcpus)
        from key in new ulong[] { 0, 0x1000 | (ulong)vcpu, 0x1000, 1, ulong.MaxValue }.Distinct()
        from op in ioctl.OpOffset < 0 ? [0UL] : new ulong[] { 0, 1, 2, 3 }
        let argument = ioctl.OpOffset == 8 ? new IoctlArgument(key, op) : new(key)
        select new Act(-1, 0, 0, new(vcpu, ioctl.Number, argument));

    /// <summary>What is in order, at any moment: registered, deregistered or set up again with faults
    /// outstanding.</summary>
    private IEnumerable<Act> InOrder() =>
        from ioctl in machine.Encoding.Description.Ioctls
        from vcpu in Enumerable.Range(0, machine.Config.Vcpus)
        select new Act(-1, 0, 0, new(vcpu, ioctl.Number, ioctl.WellFormed));

    private sealed record Act(int Region, ulong Index, ulong Value, IoctlCall? Call)
    {
        public bool Do(Machine machine, int actor)
        {
            if (Call is { } call)
            {
                return machine.Calls.RawIoctl(actor, call);
            }

            machine.Listener?.Report(default, false,
                Invariant($"hostile userspace: store {machine.Regions[Region].Name}[{Index}] := 0x{Value:x}"));
            machine.SharedMemory.Store(actor, machine.Regions[Region], Index, Value, MemoryOrder.Relaxed);
            return true;
        }
    }
}
