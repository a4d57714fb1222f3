using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>An encoding made from another one, whose code runs in it.</summary>
internal interface IDerivedEncoding
{
    /// <summary>The other one.</summary>
    Encoding Original { get; }

    /// <summary>Whether the VMM's half makes a mistake in what it calls.</summary>
    bool IsCareless { get; }

    /// <summary>Whether threads of the VMM wake each other (<see cref="Vmm.OwnEventfd"/>).</summary>
    bool UsesOwnEventfd { get; }

    /// <summary>The same made from a copy of the other one.</summary>
    Encoding Over(Encoding other);
}
