namespace UapiLab.Abstractions;

/// <summary>A stage-2 fault in an armed memslot, after KVM took its invalidate-sequence snapshot and before the pfn
/// look-up (docs/model.md, rules F1 and F2).</summary>
/// <param name="Vcpu">The vCPU whose access faulted; for prefetch, the one it is done for.</param>
/// <param name="Gfn">The frame.</param>
/// <param name="Access">What the access was.</param>
/// <param name="Prefetch">A fault taken on KVM's own initiative; it must never start an APF (docs/model.md, rule
/// A11).</param>
public readonly record struct GuestFault(int Vcpu, Gfn Gfn, AccessKind Access, bool Prefetch)
{
    /// <summary>The fault is in private memory (PFERR_PRIVATE_ACCESS), which KVM looks up in the guest_memfd
    /// (docs/model.md, rule F8). An APF for it makes the ready path of KVM warn (rule A18).</summary>
    public bool IsPrivate { get; init; }
}

/// <summary>What KVM does next with a fault.</summary>
public enum FaultVerdict : byte
{
    /// <summary>Not a userfault: look the page up and map it.</summary>
    Map,
    /// <summary>Look the page up and map it without write permission, so that a later write faults again.</summary>
    MapReadOnly,
    /// <summary>Go back to the guest (or into a requested halt) without mapping.</summary>
    Retry,
    /// <summary>KVM_RUN returns -EFAULT with KVM_EXIT_MEMORY_FAULT filled in.</summary>
    Exit,
    /// <summary>KVM_RUN returns an errno without fault information.</summary>
    Error,
}

/// <summary>Answer of the KVM half to a fault or to a re-entry.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="Flags">memory_fault.flags of the exit.</param>
/// <param name="Extra">One extra exit field, its meaning defined by the encoding (a token, say).</param>
/// <param name="Errno">For <see cref="FaultVerdict.Error"/>.</param>
public readonly record struct FaultAnswer(FaultVerdict Verdict, ulong Flags = 0, ulong Extra = 0,
    Errno Errno = Errno.None)
{
    /// <summary>Look up and map.</summary>
    public static FaultAnswer Map => new(FaultVerdict.Map);
    /// <summary>Back to the guest.</summary>
    public static FaultAnswer Retry => new(FaultVerdict.Retry);
    /// <summary>Exit with fault information.</summary>
    public static FaultAnswer Exit(ulong flags, ulong extra = 0) => new(FaultVerdict.Exit, flags, extra);
    /// <summary>Plain error, no fault information.</summary>
    public static FaultAnswer Error(Errno errno) => new(FaultVerdict.Error, 0, 0, errno);
}

/// <summary>KVM_RUN was called.</summary>
/// <param name="Vcpu">The vCPU.</param>
/// <param name="ImmediateExit">kvm_run->immediate_exit was set: KVM returns -EINTR before entering the guest.</param>
public readonly record struct RunEntry(int Vcpu, bool ImmediateExit);

/// <summary>Answer of the KVM half to KVM_RUN: enter, or exit again for <see cref="Gfn"/>.</summary>
/// <param name="ExitAgain">True to return KVM_EXIT_MEMORY_FAULT at once.</param>
/// <param name="Gfn">The frame reported by that exit.</param>
/// <param name="Flags">memory_fault.flags of that exit.</param>
/// <param name="Extra">Extra field of that exit.</param>
public readonly record struct RunAnswer(bool ExitAgain, Gfn Gfn = default, ulong Flags = 0, ulong Extra = 0)
{
    /// <summary>Go on into the run loop.</summary>
    public static RunAnswer Enter => default;
}

/// <summary>Up to four 64-bit words of an ioctl argument, in the order of the declared struct's 64-bit slots.</summary>
/// <param name="W0">Bytes 0-7.</param>
/// <param name="W1">Bytes 8-15.</param>
/// <param name="W2">Bytes 16-23.</param>
/// <param name="W3">Bytes 24-31.</param>
public readonly record struct IoctlArgument(ulong W0, ulong W1 = 0, ulong W2 = 0, ulong W3 = 0);

/// <summary>An ioctl that reached the KVM half.</summary>
/// <param name="Vcpu">The vCPU whose fd was used.</param>
/// <param name="Number">The declared ioctl number (<see cref="IoctlSpec.Number"/>).</param>
/// <param name="Argument">Copied in from userspace.</param>
public readonly record struct IoctlCall(int Vcpu, uint Number, IoctlArgument Argument);

/// <summary>Why KVM dropped a vCPU's outstanding APFs (docs/model.md, rule A14).</summary>
public enum QueueClearReason : byte
{
    /// <summary>The guest wrote 0 to MSR_KVM_ASYNC_PF_EN.</summary>
    GuestDisabled,
    /// <summary>vCPU reset.</summary>
    Reset,
    /// <summary>CR0.PG changed.</summary>
    PagingToggled,
    /// <summary>The vCPU is destroyed.</summary>
    Destroy,
}

/// <summary>A memslot update that touches the userfault flag.</summary>
/// <param name="Enabled">KVM_MEM_USERFAULT after the update.</param>
/// <param name="WasEnabled">And before it.</param>
public readonly record struct MemslotChange(bool Enabled, bool WasEnabled);

/// <summary>Locks a KVM half may take. They block, have an owner and are not recursive.</summary>
public enum KvmLock : byte
{
    /// <summary>async_pf.lock of the vCPU: guards the done list.</summary>
    Apf,
    /// <summary>A second per-vCPU lock, where an encoding keeps its own queue.</summary>
    Encoding,
}

/// <summary>What an omniscient reference point is told at a fault.</summary>
/// <param name="Disposition">Ground truth.</param>
/// <param name="RemainingNs">Until the content can be in place, ns; 0 if it is.</param>
/// <param name="RunnableTasks">Other guest tasks that could run on the vCPU now.</param>
/// <param name="WaitingTasks">Other guest tasks of the vCPU that sleep for a page of their own: they may become
/// runnable before this page is there, which they cannot use if the vCPU blocks.</param>
public readonly record struct GroundTruth(Disposition Disposition, long RemainingNs, int RunnableTasks,
    int WaitingTasks = 0);
