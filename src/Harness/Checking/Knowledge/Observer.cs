namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>A party that knows things.</summary>
internal enum Observer
{
    /// <summary>The KVM half: what its methods were given, by all vCPUs, in order.</summary>
    Kvm,
    /// <summary>The VMM half, and the VMM's own threads: its book, exits, pages placed.</summary>
    Vmm,
    /// <summary>The guest's kernel: events delivered to it, accesses that completed.</summary>
    Guest,
}
