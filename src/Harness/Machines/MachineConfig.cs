using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines;

/// <summary>What a missing page costs at KVM's pfn look-up (docs/model.md, "backing").</summary>
internal enum Backing : byte
{
    /// <summary>Anonymous memory: the look-up maps a zero page.</summary>
    Anonymous,
    /// <summary>userfaultfd underneath: the look-up sleeps until the content is placed.</summary>
    Userfaultfd,
    /// <summary>shmem: the look-up allocates a zeroed page-cache page.</summary>
    SharedMemory,
    /// <summary>guest_memfd with nothing mapped at the slot's userspace_addr: the look-up allocates a zeroed page, and
    /// KVM's own accesses, which go through that address, fail.</summary>
    GuestMemfd,
    /// <summary>guest_memfd that is mapped at the slot's userspace_addr (GUEST_MEMFD_FLAG_MMAP): the look-up and KVM's
    /// own accesses allocate a zeroed page.</summary>
    GuestMemfdMapped,
    /// <summary>guest_memfd with other memory at the slot's userspace_addr: KVM's own accesses succeed there, and the
    /// guest does not see them.</summary>
    GuestMemfdBeside,
    /// <summary>Memory that is swapped: the look-up decompresses a page that is in zswap, and sleeps for one that needs
    /// I/O.</summary>
    Swap,
}

/// <summary>What a CPU does with a stale read-only translation on a write (concern C6).</summary>
internal enum StaleTlbBehaviour : byte
{
    /// <summary>Takes a spurious fault (Nehalem and later).</summary>
    Fault,
    /// <summary>Walks the tables again first.</summary>
    Rewalk,
}

/// <summary>What the VMM does with a fault; the same for every encoding.</summary>
public enum PolicyKind : byte
{
    /// <summary>Everything on the vCPU thread.</summary>
    ResolveThenReenter,
    /// <summary>Everything by an I/O thread.</summary>
    ReenterThenResolve,
    /// <summary>Local content at once; otherwise wait up to X on the vCPU thread, then hand off.</summary>
    WaitThenHandOff,
}

/// <summary>A VMM policy.</summary>
/// <param name="Kind">Which.</param>
/// <param name="WaitNs">X of <see cref="PolicyKind.WaitThenHandOff"/>, ns.</param>
public readonly record struct VmmPolicy(PolicyKind Kind, long WaitNs = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        PolicyKind.ResolveThenReenter => "resolve",
        PolicyKind.ReenterThenResolve => "reenter",
        _ => "wait(" + Durations.Format(WaitNs) + ")",
    };
}

/// <summary>Rare things the environment may do in one run, and at most how often. Each is a choice where it can matter
/// (<see cref="ChoiceKind"/>); a driver without choices for them leaves all at 0.</summary>
internal sealed record EnvironmentBudget
{
    /// <summary>Signals to a vCPU thread that make KVM_RUN return -EINTR, immediate_exit included.</summary>
    public int Signals { get; init; }
    /// <summary>Failing writes of KVM to the guest's APF area: the event is refused and the vCPU halts.</summary>
    public int RefusedInjections { get; init; }
    /// <summary>Failing reads of userspace memory by KVM: KVM_RUN returns a plain -EFAULT once, and the VMM calls it
    /// again.</summary>
    public int FailedCopies { get; init; }
    /// <summary>Times the VMM calls KVM_RUN again although the fault is not resolved and not handed off; it sees to the
    /// fetch in the background.</summary>
    public int CarelessReentries { get; init; }
    /// <summary>Times the VMM issues an ioctl a second time, straight after the first.</summary>
    public int RepeatedIoctls { get; init; }
    /// <summary>Things a hostile thread of the VMM does at any moment: any value into any shared word, any ioctl on any
    /// vCPU.</summary>
    public int HostileActs { get; init; }
    /// <summary>Resets of a vCPU.</summary>
    public int Resets { get; init; }
    /// <summary>Who resets it.</summary>
    public ResetWay ResetBy { get; init; }
    /// <summary>Times userspace sets a vCPU's events (KVM_SET_VCPU_EVENTS) with no exception among them.</summary>
    public int DroppedEvents { get; init; }
    /// <summary>Times the VMM has KVM fault a page in between two KVM_RUNs (KVM_PRE_FAULT_MEMORY).</summary>
    public int Prefaults { get; init; }
    /// <summary>Pages without content that KVM itself fills, whatever the bitmap says (<see cref="Kvm.KvmWriter"/>).
    /// </summary>
    public int KvmWrites { get; init; }
    /// <summary>Whether KVM reads those pages instead (string I/O).</summary>
    public bool KvmReads { get; init; }
}

/// <summary>How a vCPU is reset (docs/model.md, rules Z1 to Z6).</summary>
internal enum ResetWay : byte
{
    /// <summary>An INIT reaches its LAPIC: kvm_vcpu_reset.</summary>
    Init,
    /// <summary>Userspace writes registers, events, LAPIC and MSRs between two KVM_RUNs, as for a reboot.</summary>
    Userspace,
}

/// <summary>How a VMM arms a page again that the guest may have mapped.</summary>
public enum RearmWay : byte
{
    /// <summary>It sets the bit and discards the page (rule M6), while the guest runs: the invalidation unmaps the
    /// page.</summary>
    Discard,
    /// <summary>It parks the vCPUs, turns the memslot's userfault flag off, sets bits and discards, and turns the flag
    /// on, which zaps the slot.</summary>
    Memslot,
    /// <summary>As <see cref="Memslot"/>, while the guest runs: what it touches while the flag is off is mapped without
    /// an exit.</summary>
    MemslotRunning,
}

/// <summary>Size and fixed parameters of a machine.</summary>
public sealed record MachineConfig
{
    /// <summary>vCPUs, 1 to 4095 (the vCPU id is 12 bits of the APF token).</summary>
    public required int Vcpus { get; init; }
    /// <summary>Guest tasks bound to each vCPU.</summary>
    public required int TasksPerVcpu { get; init; }
    /// <summary>Frames in the armed memslot.</summary>
    public required long Gfns { get; init; }
    /// <summary>I/O threads of the VMM.</summary>
    public int IoThreads { get; init; } = 1;
    /// <summary>userfaultfds, each of an equal part of the memslot; 1 or more.</summary>
    public int Userfaultfds { get; init; } = 1;
    /// <summary>ASYNC_PF_PER_VCPU.</summary>
    public int ApfLimit { get; init; } = 64;
    /// <summary>TLB entries per vCPU, a power of two.</summary>
    public int TlbEntries { get; init; } = 64;
    /// <summary>Reaction to a stale read-only entry.</summary>
    internal StaleTlbBehaviour StaleTlb { get; init; } = StaleTlbBehaviour.Fault;
    /// <summary>Memory under the memslot.</summary>
    internal Backing Backing { get; init; } = Backing.Anonymous;
    /// <summary>KVM's own async page faults: a look-up over userfaultfd that would sleep starts an APF
    /// where it can. It goes with <see cref="Machines.Backing.Userfaultfd"/> and leaves the encoding's checks as they
    /// are.</summary>
    internal bool KernelApf { get; init; }
    /// <summary>Frames at the end of the memslot whose bits nobody sets: there only what is under the memslot catches a
    /// missing page.</summary>
    internal int UnmarkedGfns { get; init; }
    /// <summary>Where missing pages are caught; follows from the encoding.</summary>
    internal Interception Interception { get; private init; }
    /// <summary>The VMM's policy.</summary>
    public VmmPolicy Policy { get; init; } = new(PolicyKind.WaitThenHandOff, 10_000);
    /// <summary>The policy is free instead: fault by fault the choices say whether to resolve or to hand off.</summary>
    public bool FreePolicy { get; init; }
    /// <summary>The vCPU thread has KVM fault a page in that it has resolved itself (KVM_PRE_FAULT_MEMORY).</summary>
    public bool Prefaults { get; init; }
    /// <summary>The guest wrote MSR_KVM_ASYNC_PF_EN with bits 0 and 3.</summary>
    public bool GuestApf { get; init; } = true;
    /// <summary>And bit 1, SEND_ALWAYS. Linux never does.</summary>
    public bool SendAlways { get; init; }
    /// <summary>How the VMM arms a page again.</summary>
    public RearmWay RearmBy { get; init; }
    /// <summary>A round of re-arming ends after one page, rather than when the choices say so: while the guest runs, a
    /// page may be back and be taken again for ever.</summary>
    internal bool RearmsOnePage { get; init; }

    /// <summary>A page that the guest has mapped may be armed again before its READYs are sent (rule V2).</summary>
    internal bool RearmsBeforeReadies { get; init; }
    /// <summary>Fetches the prefetcher keeps under way; 0 = no prefetcher.</summary>
    public int PrefetchDepth { get; init; }
    /// <summary>Frames from 0 for which the VMM has a prediction of its own when it arms; it takes the rest for
    /// async.</summary>
    public long PredictedGfns { get; init; }
    /// <summary>Whether a re-arming thread exists.</summary>
    public bool Rearms { get; init; }
    /// <summary>Rounds of re-arming; 0 = as long as the guest runs.</summary>
    public int RearmRounds { get; init; }
    /// <summary>Frame of the guest's APF area if it lies in the armed slot, else -1 (<see cref="ApfArea"/>).</summary>
    public long ApfAreaGfn { get; init; } = -1;
    /// <summary>A snapshot and restore of the whole VM, once; null if there is none.</summary>
    internal RestoreScenario? Restores { get; init; }
    /// <summary>The guest side: <c>linux</c>, <c>recorded</c>, <c>retouch</c> or <c>no-ack</c>.</summary>
    public string Guest { get; init; } = "linux";
    /// <summary>Time slice of the guest's scheduler while another task is runnable, ns.</summary>
    public long TimesliceNs { get; init; } = 3_000_000;
    /// <summary>Which order of accesses the processors keep.</summary>
    public MemoryOrdering Order { get; init; }
    /// <summary>What the environment may do besides its ordinary business, and how often.</summary>
    internal EnvironmentBudget Environment { get; init; } = new();
    /// <summary>Accesses an operation of an encoding may make without a checkpoint.</summary>
    public int LogLimit { get; init; } = OperationWorld.DefaultLogLimit;
    /// <summary>Draw the lowest APF token that occurs nowhere in the state instead of the next one: the same up to
    /// renaming, and it keeps the states of a checker finite.</summary>
    internal bool RecyclesTokens { get; init; }
    /// <summary>Tokens that KVM draws for a vCPU: after so many it finds no memory for another APF. 0 is no
    /// limit.</summary>
    internal int TokenDraws { get; init; }
    /// <summary>A fetch is complete as soon as it is issued. Without a clock that loses nothing: the thread that is to
    /// place the page may take as long as it likes to notice, and an I/O thread picks any of the completed
    /// ones.</summary>
    internal bool InstantDevice { get; init; }
    /// <summary>Id of the first vCPU in its tokens: a machine may be one vCPU of a larger one.</summary>
    internal int FirstVcpuId { get; init; }
    /// <summary>Gfn of frame 0 where a half or its words name frames: the slot may be the end of a larger
    /// one.</summary>
    internal ulong FirstGfn { get; init; }
    /// <summary>Counters that run freely (<see cref="RegionSpec.RunsFreely"/>) are one before their end when the guest
    /// starts.</summary>
    internal bool CountersWrap { get; init; }
    /// <summary>Keep what recorded values stand for, so that a state can be renamed.</summary>
    internal bool Renames { get; init; }
    /// <summary>A free policy also meets faults that are wanted for a purpose other than paging.</summary>
    internal bool Intercepts { get; init; }
    /// <summary>Whether the last frame has its content from the start, and the VMM would like to hear of the first
    /// write to it.</summary>
    internal bool TracksWrites { get; init; }
    /// <summary>Frames that a machine with tracked writes may have.</summary>
    internal const int MostTrackedGfns = 32;
    /// <summary>Whether frames start private (KVM_MEMORY_ATTRIBUTE_PRIVATE), in a software-protected VM.</summary>
    internal bool StartsPrivate { get; init; }
    /// <summary>Whether the last frame is there and not armed, and its host mapping refuses KVM's look-up. The VMM then
    /// reads kvm_run as the memory that it is (<see cref="Kvm.KvmRun"/>).</summary>
    internal bool RefusesLastGfn { get; init; }
    /// <summary>What KVM's half does against the contract is an event like any other rule's breach, with the history
    /// that leads to it, instead of the end of the run.</summary>
    internal bool JudgesKvm { get; init; }
    /// <summary>Rules that this machine does not keep, for tests of those who should notice.</summary>
    internal RuleSet Broken { get; init; }

    /// <summary>Properties that a plugin brought.</summary>
    internal IReadOnlyList<IProperty> Watched { get; init; } = [];

    /// <summary>A refusal that is an event; null if none is.</summary>
    internal RefusedIoctl? WatchedRefusal { get; init; }

    /// <summary>Counts the rules that are used, where a test wants to know.</summary>
    internal RuleUses? Uses { get; init; }

    /// <summary>Whether the VMM's half makes a mistake, and may enter one waiter again and again; follows from the
    /// encoding.</summary>
    internal bool HasCarelessHalf { get; init; }

    /// <summary>Whether threads of the VMM wake each other (<see cref="OwnEventfd"/>); follows from the
    /// encoding.</summary>
    internal bool HasOwnEventfd { get; init; }

    /// <summary>Whether a look-up that finds nothing waits, rather than mapping a zeroed page.</summary>
    internal bool LookupWaits => Backing is Backing.Userfaultfd or Backing.Swap;

    /// <summary>Whether the host's pages are of 4 KiB whatever the memslot says: placed one by one, or folios of a
    /// guest_memfd. Else they are of 2 MiB.</summary>
    internal bool HasSmallHostPages => Backing is not (Backing.Anonymous or Backing.SharedMemory);

    /// <summary>The same machine with what an encoding needs to catch missing pages.</summary>
    internal MachineConfig WithInterception(Interception interception) => interception == Interception.Memslot
        ? this
        : this with
        {
            Interception = interception,
            Backing = interception == Interception.SwapWithKernelApf ? Backing.Swap : Backing.Userfaultfd,
            KernelApf = interception != Interception.Userfaultfd,
        };

    /// <summary>Whether vCPU threads are parked for a round of re-arming, or for a snapshot.</summary>
    internal bool PausesToRearm => Restores is not null || RearmBy == RearmWay.Memslot;

    internal bool Breaks(Rule rule)
    {
        Uses?.Add(rule);
        return Broken.Contains(rule);
    }
}
