using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>KVM work items that wait for the worker. Queueing one that waits already does nothing, as in the
/// kernel.</summary>
internal sealed class WorkQueue(Machine machine, StateBlock block)
{
    private readonly Section<ulong> _arguments = block.Reserve<ulong>(4L * machine.Config.Vcpus);

    /// <summary>Room to normalise in.</summary>
    private readonly ulong[] _kept = new ulong[4 * machine.Config.Vcpus];

    internal Section<ulong> Arguments => _arguments;

    private int Capacity => 4 * machine.Config.Vcpus;

    public void Queue(ulong argument)
    {
        ref var vm = ref machine.Vm;
        for (var i = 0; i < vm.WorkCount; i++)
        {
            if (_arguments[(vm.WorkHead + i) % Capacity] == argument)
            {
                return;
            }
        }

        if (vm.WorkCount == Capacity)
        {
            throw new EncodingDefectException($"more than {Capacity} different work items queued");
        }

        _arguments[(vm.WorkHead + vm.WorkCount++) % Capacity] = argument;
        machine.Wake(machine.WorkerActor);
    }

    /// <summary>See <see cref="Normalisation"/>.</summary>
    public void Normalise()
    {
        ref var vm = ref machine.Vm;
        for (var i = 0; i < vm.WorkCount; i++)
        {
            _kept[i] = _arguments[(vm.WorkHead + i) % Capacity];
        }

        vm.WorkHead = 0;
        var arguments = _arguments.Span(0, Capacity);
        _kept.AsSpan(0, vm.WorkCount).CopyTo(arguments);
        arguments[vm.WorkCount..].Clear();
    }

    /// <summary>Gives what waits other names, in place and in order.</summary>
    public void Rename(Renaming names)
    {
        ref var vm = ref machine.Vm;
        for (var i = 0; i < vm.WorkCount; i++)
        {
            ref var argument = ref _arguments[(vm.WorkHead + i) % Capacity];
            argument = names.Value(argument, machine.WorkKind);
        }
    }

    public bool TryTake(out ulong argument)
    {
        ref var vm = ref machine.Vm;
        argument = 0;
        if (vm.WorkCount == 0)
        {
            return false;
        }

        argument = _arguments[vm.WorkHead];
        vm.WorkHead = (vm.WorkHead + 1) % Capacity;
        vm.WorkCount--;
        return true;
    }
}
