using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The machine walked in place: one micro-step a step, nothing saved, nothing normalised.</summary>
internal sealed class MachineWalk : IWalk
{
    private readonly ChoiceScript script = new();
    private readonly EventMask events;
    private readonly Cockpit cockpit;
    private readonly byte[] start;
    private readonly bool buffers;

    public MachineWalk(MachineModel model)
    {
        events = new(model.Asked);
        cockpit = new(model.Encoding, model.Instance with { Symmetric = false }, script, events, null);
        start = cockpit.Machine.Save();
        buffers = model.Instance.Order != MemoryOrdering.Sc;
    }

    public ulong Enabled
    {
        get
        {
            var machine = cockpit.Machine;
            ulong enabled = 0;
            for (var actor = 0; actor < machine.ActorCount; actor++)
            {
                if (machine.IsRunnable(actor))
                {
                    enabled |= 1UL << actor;
                }

                if (buffers && machine.Words.Committable(actor) > 0)
                {
                    enabled |= 1UL << (machine.ActorCount + actor);
                }
            }

            return enabled;
        }
    }

    public void Reset() => cockpit.Machine.Restore(start);

    public ulong Step(int process, Func<int, int> pick)
    {
        var machine = cockpit.Machine;
        events.Clear();
        script.Pick = pick;
        if (process >= machine.ActorCount)
        {
            machine.Words.Commit(process - machine.ActorCount, pick(machine.Words.Committable(process - machine.ActorCount)));
        }
        else
        {
            machine.Step(process);
        }

        return events.Mask | (Enabled == 0 ? events.AtRest(machine) : 0);
    }

    public void Dispose() => cockpit.Dispose();
}
