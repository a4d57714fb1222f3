namespace UapiLab.Harness.Checking;

/// <summary>What a mutant does wrong at its place.</summary>
public enum MutantKind : byte
{
    /// <summary>Nothing is written; a load gives 0, a read-modify-write what a load would.</summary>
    Dropped,
    /// <summary>What is written is written one call later: the place and the next one change their order. A read-modify-write
    /// still gives what was there in its own place, so it falls apart into a load and a later update.</summary>
    Delayed,
    /// <summary>The order is relaxed; a fence is none.</summary>
    Weakened,
}
