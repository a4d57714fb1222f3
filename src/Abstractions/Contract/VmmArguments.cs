namespace UapiLab.Abstractions;

/// <summary>KVM_RUN returned -EFAULT with KVM_EXIT_MEMORY_FAULT.</summary>
/// <param name="Vcpu">The vCPU whose thread this is.</param>
/// <param name="Gfn">memory_fault.gpa as a frame number.</param>
/// <param name="Flags">memory_fault.flags.</param>
/// <param name="Extra">The encoding's extra field.</param>
public readonly record struct FaultExit(int Vcpu, Gfn Gfn, ulong Flags, ulong Extra);

/// <summary>How the VMM's policy wants a fault handled. The policy belongs to the harness and is the same for every
/// encoding.</summary>
public enum Handling : byte
{
    /// <summary>On the vCPU thread, before KVM_RUN is called again.</summary>
    Resolve,
    /// <summary>By an I/O thread, with KVM_RUN called again at once.</summary>
    HandOff,
}

/// <summary>What the VMM half makes of an exit and the policy's wish.</summary>
public enum ExitAction : byte
{
    /// <summary>The page must be in place before KVM_RUN: always so when KVM did not start an APF.</summary>
    ResolveFirst,
    /// <summary>Call KVM_RUN now; the fetch goes on in the background.</summary>
    Reenter,
}

/// <summary>A thread of the VMM that waits, by way of the guest, for a page.</summary>
/// <param name="Vcpu">The vCPU that faulted.</param>
/// <param name="Cookie">What the half needs to answer KVM: a token, a gpa…</param>
public readonly record struct Waiter(int Vcpu, ulong Cookie);

/// <summary>Why a range is (re-)armed, and what the VMM predicts of faults in it.</summary>
public enum Prediction : byte
{
    /// <summary>A fault will be answered at once.</summary>
    Sync,
    /// <summary>A fault will need a fetch that outlasts the price of an APF.</summary>
    Async,
    /// <summary>A fetch is under way and will end soon.</summary>
    SoonThere,
    /// <summary>The page is wanted for a purpose that is not paging.</summary>
    Intercept,
}

/// <summary>Marks frames as faulting to userspace.</summary>
/// <param name="First">First frame.</param>
/// <param name="Count">How many.</param>
/// <param name="Prediction">What the VMM believes of faults there; it may be wrong.</param>
public readonly record struct ArmRequest(Gfn First, ulong Count, Prediction Prediction);

/// <summary>A fetch was started, on demand or ahead of it.</summary>
/// <param name="Gfn">The frame.</param>
/// <param name="OnDemand">A fault asked for it.</param>
/// <param name="Prediction">Whether the VMM expects it soon or late.</param>
public readonly record struct FetchStart(Gfn Gfn, bool OnDemand, Prediction Prediction);
