using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Model;

/// <summary>Turns the events of a step into the properties they break or show.</summary>
/// <param name="asked">Which properties, in the order of their bits.</param>
/// <param name="next">Sees them too.</param>
internal sealed class EventMask(IReadOnlyList<MachineProperty> asked, IMachineObserver? next = null) : IMachineObserver
{
    private readonly int[][] _byKind = [.. Enum.GetValues<MachineEventKind>().Select(kind =>
        Enumerable.Range(0, asked.Count).Where(p => asked[p].Event == kind).ToArray())];

    private readonly ulong _always = asked.Bits(p => p.Kind == PropertyKind.Always);

    /// <summary>Bit i = property i.</summary>
    public ulong Mask { get; private set; }

    /// <summary>A property that must always hold is broken.</summary>
    public bool IsBroken => (Mask & _always) != 0;

    public void Clear() => Mask = 0;

    public void On(in MachineEvent e)
    {
        foreach (var property in _byKind[(int)e.Kind])
        {
            Mask |= asked[property].Shows(e) ? 1UL << property : 0;
        }

        next?.On(e);
    }

    /// <summary>Properties that a state breaks in which no actor has to take a step.</summary>
    public ulong AtRest(Machine machine) => asked.Bits(p => p.IsBrokenAtRest(machine));
}
