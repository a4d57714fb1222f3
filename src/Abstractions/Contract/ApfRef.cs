namespace UapiLab.Abstractions;

/// <summary>One outstanding async page fault of one vCPU.</summary>
/// <param name="Slot">Opaque index over the VM, fixed while the APF is outstanding: the unit of a
/// <see cref="RegionScope.PerApf"/> region. -1 means none.</param>
/// <param name="Token">The APF token the guest sees in CR2: (counter &lt;&lt; 12) | vCPU id, never 0.</param>
/// <param name="Gfn">The faulting frame.</param>
public readonly record struct ApfRef(int Slot, uint Token, Gfn Gfn)
{
    /// <summary>No such APF.</summary>
    public static ApfRef None => new(-1, 0, default);

    /// <summary>Whether this names an APF.</summary>
    public bool Exists => Slot >= 0;
}
