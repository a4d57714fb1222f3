namespace UapiLab.Abstractions;

/// <summary>A capability.</summary>
/// <param name="Name">KVM_CAP_….</param>
/// <param name="Number">Its number; 0 where none is assigned. An idea that was never posted takes one from
/// <see cref="FirstPlaceholder"/> on.</param>
/// <param name="Enable">How it is switched on: "informational", "vm", "vcpu".</param>
/// <param name="Doc">One sentence.</param>
public sealed record CapabilitySpec(string Name, int Number, string Enable, string Doc)
{
    /// <summary>Numbers from here to 0xffff stand for one that the maintainer assigns.</summary>
    public const int FirstPlaceholder = 0xff00;

    /// <summary>One sentence: where the number comes from; empty if there is nothing to say of it.</summary>
    public string NumberDoc { get; init; } = "";

    /// <summary>Whether the number is yet to be assigned.</summary>
    public bool IsPlaceholder => Number is >= FirstPlaceholder and <= 0xffff;
}

/// <summary>A flag bit.</summary>
/// <param name="Name">Macro name.</param>
/// <param name="Field">The field it lives in: structure, then members, with dots.</param>
/// <param name="Bit">Bit number.</param>
/// <param name="Doc">One sentence.</param>
public sealed record FlagSpec(string Name, string Field, int Bit, string Doc)
{
    /// <summary>The capability by which userspace learns that KVM knows the flag; empty if there is none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>For a flag that KVM sets: what userspace must have asked for before it can see the flag, a capability
    /// that it enabled or a flag that it set. Empty if nothing.</summary>
    public string OptIn { get; init; } = "";
}

/// <summary>A named value of a field.</summary>
/// <param name="Name">Macro name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Field">The field or shared region whose value it is.</param>
/// <param name="Doc">One sentence.</param>
public sealed record ConstantSpec(string Name, ulong Value, string Field, string Doc);
