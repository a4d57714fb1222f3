namespace UapiLab.Harness.Conformance;

/// <summary>What <c>kvm_userspace_exit</c> says, as far as the rules care.</summary>
internal static class UserspaceExits
{
    /// <summary>KVM_RUN returned 0.</summary>
    public const ulong Ordinary = 0;

    /// <summary>-EINTR, printed as <c>restart (4)</c>.</summary>
    public const ulong Interrupted = 1;

    /// <summary>-EFAULT, printed as <c>error (14)</c>: a memory fault among others.</summary>
    public const ulong Fault = 2;

    /// <summary>Another errno.</summary>
    public const ulong Failed = 3;
}
