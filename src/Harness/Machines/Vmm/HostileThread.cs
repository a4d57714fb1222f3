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
    private Act[]? _plain;

    private Act[] Acts => _acts ??= [.. Plain, .. Writes(Bounds)];

    /// <summary>What may be done at any time. The bounds of arrays are written last, so that their number adds to the
    /// states and does not multiply with itself.</summary>
    private Act[] Plain => _plain ??= [.. Writes(Always), .. Ioctls().Concat(InOrder()).Distinct()];

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
            var act = machine.Choices.Choose(ChoiceKind.Hostile, machine.Vm.HostileLeft,
                machine.Vm.HostileLeft > 1 ? Plain.Length : Acts.Length);
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

    private IEnumerable<Act> Writes(Func<RegionStore, IEnumerable<ulong>> values) =>
        from store in machine.Regions
        where store.Owner == RegionOwner.Shared
        from index in Enumerable.Range(0, (int)Math.Min(store.Words, 32))
        from value in values(store)
        select new Act(store.Id, (ulong)index, value, null);

    private static IEnumerable<ulong> Always(RegionStore store) => new ulong[] { 0, 1, store.Mask }.Distinct();

    /// <summary>What KVM may take for an index, a length or a signed number without a sufficient look: of every array
    /// that the encoding has its words, one less, the power of two from there; and the sign bit. A word that holds
    /// bits of several frames is read bit by bit.</summary>
    private IEnumerable<ulong> Bounds(RegionStore written) =>
        written.Spec.Scope == RegionScope.PerGfn && written.Spec.Count < written.Spec.WordBits
            ? []
            : (from store in machine.Regions
               from words in new[] { (ulong)store.Spec.Count, store.Words }
               where words > 1 && store.Spec.Scope != RegionScope.PerGfn
               from bound in new[] { words - 1, words, BitOperations.RoundUpToPowerOf2(words) }
               orderby bound
               select bound & written.Mask)
            .Append(written.Mask ^ (written.Mask >> 1)).Except(Always(written));

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
                return machine.Calls.RawIoctl(actor, call, out _);
            }

            machine.Listener?.Report(default, false,
                Invariant($"hostile userspace: store {machine.Regions[Region].Name}[{Index}] := 0x{Value:x}"));
            machine.SharedMemory.Store(actor, machine.Regions[Region], Index, Value, MemoryOrder.Relaxed);
            return true;
        }
    }
}
