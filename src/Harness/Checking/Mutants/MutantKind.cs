namespace UapiLab.Harness.Checking;

/// <summary>What a mutant does wrong at its place.</summary>
public enum MutantKind : byte
{
    /// <summary>Nothing is written; a load gives 0, a read-modify-write what a load would.</summary>
    Dropped,
    /// <summary>What is written is written after the next access, or else at the end of the call: locks, ioctls and what else
    /// comes between happen first. A read-modify-write still gives what was there in its own place, so it falls apart into a
    /// load and a later update.</summary>
    Delayed,
    /// <summary>The order is relaxed; a fence is none.</summary>
    Weakened,
}
