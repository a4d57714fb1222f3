using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Checking.Model;

/// <summary>The machine walked in place: one micro-step a step, nothing saved, nothing normalised.</summary>
internal sealed class MachineWalk : IWalk
{
    private readonly ChoiceScript _script = new();
    private readonly EventMask _events;
    private readonly SteppedMachine _stepped;
    private readonly byte[] _start;
    private readonly bool _buffers;

    public MachineWalk(MachineModel model)
    {
        _events = new(model.Asked);
        _stepped = new(model.Encoding, model.Instance with { Symmetric = false }, _script, _events, null);
        _start = _stepped.Machine.Save();
        _buffers = model.Instance.Order != MemoryOrdering.Sc;
    }

    internal Machine Machine => _stepped.Machine;

    public ulong Enabled
    {
        get
        {
            var machine = _stepped.Machine;
            ulong enabled = 0;
            for (var actor = 0; actor < machine.ActorCount; actor++)
            {
                if (machine.IsRunnable(actor))
                {
                    enabled |= 1UL << actor;
                }

                if (_buffers && machine.SharedMemory.Committable(actor) > 0)
                {
                    enabled |= 1UL << (machine.ActorCount + actor);
                }
            }

            return enabled;
        }
    }

    public void Reset() => _stepped.Machine.Restore(_start);

    public ulong Step(int process, Func<int, int> pick)
    {
        var machine = _stepped.Machine;
        _events.Clear();
        _script.Pick = pick;
        if (process >= machine.ActorCount)
        {
            machine.SharedMemory.Commit(process - machine.ActorCount,
                pick(machine.SharedMemory.Committable(process - machine.ActorCount)));
        }
        else
        {
            machine.Step(process);
        }

        return _events.Mask | (Enabled == 0 ? _events.AtRest(machine) : 0);
    }

    public void Dispose() => _stepped.Dispose();
}
