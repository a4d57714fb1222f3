using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>Properties that a plugin brought, as a part of the machine: what they remember of a run is state like any
/// other.</summary>
internal sealed class PropertyMonitors
{
    private readonly Machine _machine;
    private readonly Section<ulong> _memory;

    /// <summary>By kind of event: which properties watch it, and what they call it.</summary>
    private readonly (int[] Properties, RunEventKind Name)[] _watchers;

    private InvalidOperationException? _failure;

    public PropertyMonitors(Machine machine, StateBlock block)
    {
        this._machine = machine;
        _memory = block.Reserve<ulong>(machine.Config.Watched.Count);
        _watchers = [.. Enum.GetValues<MachineEventKind>().Select(kind => Watchers(kind.Row().Public))];
    }

    /// <summary>Which comes first of what two actors do may matter to a property that watches both: an event that is
    /// watched ends a step.</summary>
    public void On(MachineEventKind kind, int vcpu, ulong gfn, ulong value)
    {
        var (properties, name) = _watchers[(int)kind];
        foreach (var property in properties)
        {
            _machine.Footprint.IsVisible = true;
            if (IsShown(property, new(name, vcpu, gfn, value)))
            {
                _machine.EmitShown(property);
            }
        }
    }

    /// <summary>At the end of a step, where an exception cannot be mistaken for one of the half whose call led to the
    /// event.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is { } thrown)
        {
            _failure = null;
            throw thrown;
        }
    }

    private bool IsShown(int property, in RunEvent e)
    {
        try
        {
            return _machine.Config.Watched[property].Shows(e, ref _memory[property]);
        }
        catch (Exception thrown)
        {
            _failure = new InvalidOperationException(
                $"property {_machine.Config.Watched[property].Name} threw {thrown.GetType().Name}: {thrown.Message}",
                thrown);
            return false;
        }
    }

    private (int[] Properties, RunEventKind Name) Watchers(RunEventKind? kind) => kind is { } name
        ? ([.. Enumerable.Range(0, _machine.Config.Watched.Count)
            .Where(i => _machine.Config.Watched[i].Watches.Contains(name))], name)
        : ([], default);
}
