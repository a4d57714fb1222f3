namespace UapiLab.Harness.Skew;

/// <summary>What becomes of one pair of versions.</summary>
public enum SkewVerdict : byte
{
    /// <summary>Nothing breaks that does not break with the first version on both sides.</summary>
    WorksAsBefore,
    /// <summary>KVM refuses what is new before the guest runs, the VMM does without, and nothing breaks.</summary>
    RejectedCleanly,
    /// <summary>A property breaks, and no call has returned an error that the VMM could have acted on.</summary>
    SilentlyMisbehaves,
    /// <summary>A bound was hit, or nothing new was ever seen although both halves are new.</summary>
    NotDecided,
}
