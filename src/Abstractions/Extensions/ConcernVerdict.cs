namespace UapiLab.Abstractions;

/// <summary>The answer of an encoding to a concern.</summary>
public enum ConcernVerdict : byte
{
    /// <summary>The worry does not come true.</summary>
    Holds,
    /// <summary>It does not come true, at a cost that was measured.</summary>
    HoldsAtACost,
    /// <summary>It comes true; the evidence shows how.</summary>
    Broken,
    /// <summary>The encoding cannot say what is asked for without a change that breaks its ABI.</summary>
    NeedsAbiBreak,
    /// <summary>A bound was hit, or what would decide it does not exist yet.</summary>
    NotDecided,
}
