namespace UapiLab.Abstractions;

/// <summary>What a word of an encoding's own stands for. A checker may swap two frames or two vCPUs (symmetry) only if
/// it knows which words name them.</summary>
public enum WordKind : byte
{
    /// <summary>Not said. Right, but such an encoding is checked without that symmetry.</summary>
    Opaque,
    /// <summary>A number, flag or state that names neither a frame nor a vCPU.</summary>
    Number,
    /// <summary>A frame number plus one, 0 for none.</summary>
    GfnPlusOne,
    /// <summary>A guest physical address.</summary>
    Gpa,
    /// <summary>An APF token, 0 for none.</summary>
    Token,
    /// <summary>A vCPU, by its index.</summary>
    Vcpu,
}
