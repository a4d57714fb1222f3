using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Turns the events of a step into the properties they break or show.</summary>
/// <param name="next">Sees them too.</param>
internal sealed class EventMask(IMachineObserver? next = null) : IMachineObserver
{
    private static readonly IReadOnlyList<MachineProperty> s_all = MachineProperty.All;
    private static readonly int[][] s_byKind = [.. Enum.GetValues<MachineEventKind>().Select(kind =>
        Enumerable.Range(0, s_all.Count).Where(p => s_all[p].Kinds.Contains(kind)).ToArray())];

    private static readonly ulong s_always = Enumerable.Range(0, s_all.Count).Where(p => s_all[p].Kind == PropertyKind.Always).Aggregate(0UL, (mask, p) => mask | 1UL << p);

    /// <summary>Bit i = property i.</summary>
    public ulong Mask { get; private set; }

    /// <summary>A property that must always hold is broken.</summary>
    public bool IsBroken => (Mask & s_always) != 0;

    public void Clear() => Mask = 0;

    public void On(in MachineEvent e)
    {
        foreach (var property in s_byKind[(int)e.Kind])
        {
            Mask |= s_all[property].Shows(e) ? 1UL << property : 0;
        }

        next?.On(e);
    }

    /// <summary>Properties that a state breaks in which nobody has to take a step.</summary>
    public ulong AtRest(Machine machine)
    {
        ulong mask = 0;
        for (var property = 0; property < s_all.Count; property++)
        {
            mask |= s_all[property].IsBrokenAtRest(machine) ? 1UL << property : 0;
        }

        return mask;
    }
}
