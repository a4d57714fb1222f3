namespace UapiLab.Abstractions;

/// <summary>Order of one access, in the sense of C11 and of the kernel's smp_load_acquire /
/// smp_store_release.</summary>
public enum MemoryOrder : byte
{
    /// <summary>Atomic, unordered (READ_ONCE / WRITE_ONCE).</summary>
    Relaxed,
    /// <summary>Later accesses stay after this load.</summary>
    Acquire,
    /// <summary>Earlier accesses stay before this store.</summary>
    Release,
    /// <summary>Read-modify-write with both.</summary>
    AcquireRelease,
    /// <summary>Also totally ordered with the other sequentially consistent accesses.</summary>
    SequentiallyConsistent,
}
