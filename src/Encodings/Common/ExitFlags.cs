namespace UapiLab.Encodings;

/// <summary>Bits of memory_fault.flags. Bit 3 is KVM_MEMORY_EXIT_FLAG_PRIVATE, bits 0 to 2 are left for R, W and
/// X.</summary>
internal static class ExitFlags
{
    /// <summary>KVM_MEMORY_EXIT_FLAG_WRITE, where version 2 says it.</summary>
    public const ulong Write = 1UL << 1;

    /// <summary>KVM_MEMORY_EXIT_FLAG_USERFAULT.</summary>
    public const ulong Userfault = 1UL << 4;

    /// <summary>Bit 5, which two series use for different things: "an APF was started" (ASYNC_PF_USER, with a token)
    /// and "an APF was started, please decide" (APF, keyed by gpa).</summary>
    public const ulong AsyncPf = 1UL << 5;

    /// <summary>Bit 6: free in every series; our own variants use it.</summary>
    public const ulong Own = 1UL << 6;

    /// <summary>Bit 7, of version 2: the write to a frame whose writes are tracked.</summary>
    public const ulong TrackedWrite = 1UL << 7;
}
