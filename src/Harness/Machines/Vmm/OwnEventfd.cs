namespace UapiLab.Harness.Machines.Vmm;

/// <summary>An eventfd by which threads of the VMM wake each other; KVM knows nothing of it. There is one where an
/// encoding asks for it (<see cref="IDerivedEncoding.UsesOwnEventfd"/>).</summary>
internal static class OwnEventfd
{
    /// <summary>As halves name it.</summary>
    public const int Number = int.MaxValue;
}
