namespace UapiLab.Harness.Machines.Ordering;

/// <summary>Which order of accesses the machine's processors keep (docs/memory-orders.md).</summary>
public enum MemoryOrdering : byte
{
    /// <summary>Sequential consistency: every access acts at once.</summary>
    Sc,
    /// <summary>x86: a store buffer for each thread, in order.</summary>
    Tso,
    /// <summary>ARMv8 without load buffering: stores leave their buffer in any order, loads may be stale.</summary>
    Weak,
}
