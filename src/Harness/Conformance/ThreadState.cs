namespace UapiLab.Harness.Conformance;

/// <summary>Where the vCPU is, as its thread's events show it.</summary>
internal enum Place : byte { Unknown, Guest, Kvm, Userspace }

/// <summary>An injection that was traced and not yet taken into the guest.</summary>
internal enum Announced : byte { Nothing, NotPresent, ReadyInterrupt, Another }

/// <summary>What a gap in the trace keeps from us; each is cleared when an event tells.</summary>
[Flags]
internal enum Unknowns : ushort
{
    None = 0,
    /// <summary>The token counter.</summary>
    Counter = 1,
    /// <summary>Whether a #PF is pending.</summary>
    NotPresent = 2,
    /// <summary>Whether the ready interrupt is pending.</summary>
    Interrupt = 4,
    /// <summary>Whether the ready interrupt is being handled.</summary>
    InService = 8,
    /// <summary>Whether a token is in the slot, and an ACK due.</summary>
    Slot = 16,
    /// <summary>What KVM_RUN returned with.</summary>
    Exit = 32,
    /// <summary>Whether the guest has APF enabled.</summary>
    Enabled = 64,
    /// <summary>Whether it asked for not-presents in kernel mode.</summary>
    Always = 128,
    /// <summary>Whether the VMM has the interface's capability on.</summary>
    Capability = 256,
    /// <summary>Whether it has paging on.</summary>
    Paging = 512,
    All = Counter | NotPresent | Interrupt | InService | Slot | Exit | Enabled | Always | Capability
        | Paging,
}

/// <summary>What a vCPU thread's events say about it that is not in the machine's registers.</summary>
internal record struct ThreadState
{
    public Place Place;
    public LeaveReason Reason;
    public Announced Announced;

    /// <summary>What the last entry took into the guest.</summary>
    public Announced Taken;
    public Unknowns Unknown;
    public uint TakenToken;
    public ulong ExitGfn;
    public bool HasExitGfn, FaultSeen, FaultWrites, AsyncTried, TryDeferred, TryDecided, MsrSeen, AckSeen, MayReinject,
        InService, OtherWake, SendAlways, SetUp;

    /// <summary>KVM_RUN failed with -EFAULT and wrote nothing about the fault.</summary>
    public bool FailedPlainly;

    /// <summary>KVM_RUN returned with a fault, and has not been called again.</summary>
    public bool AwaitsVmm;

    /// <summary>The halt is over, as far as kvm_vcpu_wakeup says.</summary>
    public bool Woken;

    /// <summary>The guest has run since the interrupt was injected, so its handler may have read and zeroed the
    /// token.</summary>
    public bool HandlerRan;

    /// <summary>Vector of the ready interrupt; 0 = not known.</summary>
    public ulong Vector;

    /// <summary>Page of the fault being handled.</summary>
    public ulong FaultGfn;

    /// <summary>Page and flags of the last memory-fault exit.</summary>
    public ulong ExitedGfn, ExitedFlags;

    /// <summary>When the thread last came into KVM.</summary>
    public long SinceNs;

    /// <summary>A new exit: what belonged to the one before is over.</summary>
    public void BeginExit(in RecordedEvent e)
    {
        Place = Place.Kvm;
        Reason = e.Reason;
        ExitGfn = e.Gfn;
        HasExitGfn = e.HasGfn;
        FaultSeen = AsyncTried = TryDeferred = TryDecided = MsrSeen = AckSeen = SetUp = Woken = FailedPlainly = false;
        SinceNs = e.AtNs;
    }
}
