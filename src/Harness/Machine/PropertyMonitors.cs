using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>Properties that somebody brought, as a part of the machine: what they remember of a run is state like any other.</summary>
internal sealed class PropertyMonitors
{
    private readonly Machine machine;
    private readonly Section<ulong> memory;

    /// <summary>By kind of event: which properties watch it, and what they call it.</summary>
    private readonly (int[] Properties, RunEventKind Name)[] watchers;

    private InvalidOperationException? failure;

    public PropertyMonitors(Machine machine, StateBlock block)
    {
        this.machine = machine;
        memory = block.Reserve<ulong>(machine.Shape.Watched.Count);
        watchers = [.. Enum.GetValues<MachineEventKind>().Select(kind => Watchers(kind.Row().Public))];
    }

    /// <summary>Which comes first of what two actors do may matter to whoever watches both: an event that is watched ends a step.</summary>
    public void On(MachineEventKind kind, int vcpu, ulong gfn, ulong value)
    {
        var (properties, name) = watchers[(int)kind];
        foreach (var property in properties)
        {
            machine.Footprint.Noticed = true;
            if (IsShown(property, new(name, vcpu, gfn, value)))
            {
                machine.EmitShown(property);
            }
        }
    }

    /// <summary>At the end of a step, where an exception cannot be mistaken for one of the half whose call led to the event.</summary>
    public void ThrowIfFailed()
    {
        if (failure is { } thrown)
        {
            failure = null;
            throw thrown;
        }
    }

    private bool IsShown(int property, in RunEvent e)
    {
        try
        {
            return machine.Shape.Watched[property].Shows(e, ref memory[property]);
        }
        catch (Exception thrown)
        {
            failure = new InvalidOperationException($"property {machine.Shape.Watched[property].Name} threw {thrown.GetType().Name}: {thrown.Message}", thrown);
            return false;
        }
    }

    private (int[] Properties, RunEventKind Name) Watchers(RunEventKind? kind) => kind is { } name
        ? ([.. Enumerable.Range(0, machine.Shape.Watched.Count).Where(i => machine.Shape.Watched[i].Watches.Contains(name))], name)
        : ([], default);
}
