using System.Runtime.InteropServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Reduction;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines;

/// <summary>Where a vCPU thread is. One value is one kind of micro-step.</summary>
internal enum VcpuStep : byte
{
    GuestRun, GuestComputing, GuestNotPresent, GuestReadyIrq,
    FaultSnapshot, FaultCheck, FaultLookup, FaultMap, LookupSleep,
    RunEntry, RunLoop, ReadyPop, ReadyPrefetch, ReadyPresent, ReadyDelivered, BeforeHalt, ApfHalted, GuestHalted,
    RunReturn,
    VmmExit, VmmBoundedWait, VmmOnExit, VmmFetchStarted, VmmResolve, VmmLocalFetch, VmmWaitFetch, VmmPlace, VmmPublish,
    QueueClearing, QueueClear, QueueCleared, Paused, Done,
    GuestBoot, Prefault, FaultAsync,
}

/// <summary>Sets of steps, so that no meaning hangs on the order in which <see cref="VcpuStep"/> lists them.</summary>
internal static class VcpuSteps
{
    /// <summary>The guest runs, be it a handler of its kernel.</summary>
    public static bool InGuest(VcpuStep step) => step is
        VcpuStep.GuestRun or VcpuStep.GuestComputing or VcpuStep.GuestNotPresent or VcpuStep.GuestReadyIrq
        or VcpuStep.GuestBoot;

    /// <summary>KVM handles a fault of the guest.</summary>
    public static bool InFault(VcpuStep step) => step is
        VcpuStep.FaultSnapshot or VcpuStep.FaultCheck or VcpuStep.FaultLookup or VcpuStep.FaultMap
        or VcpuStep.FaultAsync or VcpuStep.LookupSleep;

    /// <summary>KVM delivers an APF that is done.</summary>
    public static bool InReady(VcpuStep step) => step is
        VcpuStep.ReadyPrefetch or VcpuStep.ReadyPresent or VcpuStep.ReadyDelivered;

    /// <summary>The VMM handles a memory-fault exit.</summary>
    public static bool InVmm(VcpuStep step) => step is
        VcpuStep.VmmExit or VcpuStep.VmmBoundedWait or VcpuStep.VmmOnExit or VcpuStep.VmmFetchStarted
        or VcpuStep.VmmResolve or VcpuStep.VmmLocalFetch or VcpuStep.VmmWaitFetch or VcpuStep.VmmPlace
        or VcpuStep.VmmPublish;

    /// <summary>The thread is in its VMM, or about to call KVM_RUN.</summary>
    public static bool IsOutside(VcpuStep step, bool inOperation) => InVmm(step) || step is VcpuStep.Paused
        || (step == VcpuStep.RunEntry && !inOperation);
}

/// <summary>Where an I/O thread, the device, the prefetcher or the re-arming thread is.</summary>
internal enum ServiceStep : byte
{
    Take, Place, Publish, Wait, FetchStarted, PauseAll, SlotOff, Pick, Discard, Arm, SlotOn, Eventfd, Work, Hostile,
    Read, Restore,
}

/// <summary>Why an actor cannot take a step.</summary>
internal enum BlockReason : byte
{
    None, ApfHalt, GuestHalt, WaitFetch, LookupSleep, Lock, Idle, Pause, Finished, WorkerFlush,
    /// <summary>The page that the exit is about is being armed again.</summary>
    Rearming,
}

/// <summary>When a field of <see cref="VcpuState"/> is read again before it is written.</summary>
/// <remarks><see cref="Normalisation"/> says which of these hold in a state.</remarks>
[Flags]
internal enum VcpuLive
{
    Never = 0,
    Always = 1,
    /// <summary>KVM handles a fault.</summary>
    InFault = 2,
    /// <summary>KVM_RUN returns with a fault, or the VMM handles it.</summary>
    WithExit = 4,
    InVmm = 8,
    /// <summary>KVM_RUN returns, or has just returned.</summary>
    Returning = 16,
    /// <summary>A not-present event is pending, or the guest's handler of it has not read it yet.</summary>
    NotPresent = 32,
    /// <summary>KVM delivers an APF that is done.</summary>
    InReady = 64,
    /// <summary>A step will ask where to go on.</summary>
    Resuming = 128,
    /// <summary>No handler of the guest is about to start: one that starts writes the field.</summary>
    OutsideHandlers = 256,
    /// <summary>The VMM reads kvm_run as memory (<see cref="MachineConfig.RefusesLastGfn"/>).</summary>
    KvmRun = 512,
}

/// <summary>A vCPU: x86 state that the fault path reads, KVM's per-vCPU APF state, the thread's registers.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VcpuState
{
    /// <summary>Frame of the fault being handled (also the VMM's view of the exit).</summary>
    [Field(Names.Gfn, VcpuLive.InFault | VcpuLive.WithExit)] public ulong FaultGfn;
    /// <summary>Flags of the memory-fault exit.</summary>
    [Field(Names.Bits, VcpuLive.WithExit)] public ulong ExitFlags;
    /// <summary>Extra field of the exit.</summary>
    [Field(Names.ExitExtra, VcpuLive.WithExit)] public ulong ExitExtra;
    /// <summary>Invalidate sequence at the snapshot. Only whether it is the current one matters.</summary>
    [Field(Names.Nothing, VcpuLive.InFault | VcpuLive.InReady, IsHidden = true)] public ulong SequenceSnapshot;
    /// <summary>Frame of the last fault, plus one; 0 = none. Only for <see cref="FaultsInARow"/>.</summary>
    [Field(Names.Nothing, VcpuLive.Never, IsHidden = true)] public ulong LastFault;
    /// <summary>Time for which a checker has no clock: it begins afresh at every step.</summary>
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public long SliceLeftNs;
    [Field(Names.Nothing, VcpuLive.Never, IsHidden = true)] public long ChunkNs;
    /// <summary>The guest's APF area: flags and token words.</summary>
    [Field(Names.Bits, VcpuLive.Always)] public uint SharedFlags;
    [Field(Names.Token, VcpuLive.Always)] public uint SharedToken;
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public uint TokenCounter;
    [Field(Names.Token, VcpuLive.NotPresent)] public uint PfToken;
    [Field(Names.Gfn, VcpuLive.NotPresent)] public ulong PfGfn;
    /// <summary>Faults on one frame in a row without progress.</summary>
    [Field(Names.Nothing, VcpuLive.Never, IsHidden = true)] public int FaultsInARow;
    [Field(Names.Nothing, VcpuLive.Always)] public int Queued;
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public int DoneHead;
    [Field(Names.Nothing, VcpuLive.Always)] public int DoneCount;
    [Field(Names.Slot, VcpuLive.InReady, IsHidden = true)] public int ReadySlot;
    [Field(Names.Task, VcpuLive.Always)] public int CurrentTask;
    [Field(Names.Fetch, VcpuLive.InVmm)] public int Fetch;
    [Field(Names.Nothing, VcpuLive.Always)] public int Dummies;
    [Field(Names.TaskPlusOne, VcpuLive.Always)] public int WokenTask;
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public VcpuStep Step;
    [Field(Names.Nothing, VcpuLive.Resuming, IsHidden = true)] public VcpuStep Resume;
    [Field(Names.Nothing, VcpuLive.InFault)] public AccessKind FaultAccess;
    [Field(Names.Nothing, VcpuLive.InVmm)] public Handling Wanted;
    [Field(Names.Nothing, VcpuLive.InFault | VcpuLive.WithExit, IsHidden = true)] public Disposition Disposition;
    [Field(Names.Nothing, VcpuLive.NotPresent, IsHidden = true)] public ApfMarks PfMarks;
    [Field(Names.Nothing, VcpuLive.Returning)] public RunExit Exit;
    [Field(Names.Nothing, VcpuLive.Always)] public bool SignalPending, ImmediateExit;
    [Field(Names.Nothing, VcpuLive.InFault | VcpuLive.WithExit, IsHidden = true)] public bool Transient;
    /// <summary>The counter has run on by more than one, for faults of frames that are not modelled.</summary>
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public bool TokensRanOn;
    /// <summary>The guest's handler that faulted on the APF area and starts again later; GuestRun = none.</summary>
    [Field(Names.Nothing, VcpuLive.OutsideHandlers, IsHidden = true)] public VcpuStep Handler;
    /// <summary>The words of the APF area in a snapshot while their page is missing.</summary>
    [Field(Names.Bits, VcpuLive.Always)] public uint AreaFlags;
    [Field(Names.Token, VcpuLive.Always)] public uint AreaToken;
    /// <summary>Tokens drawn, where there is an end to them.</summary>
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public int TokensDrawn;
    [Field(Names.Nothing, VcpuLive.Always)] public bool Kicked, RequestReady, RequestHalt, ApfHalted;
    [Field(Names.Nothing, VcpuLive.Always)] public bool PageReadyPending, PfPending, IrqPending, ApfEnabled;
    [Field(Names.Nothing, VcpuLive.InFault)] public bool MapReadOnly;
    [Field(Names.Nothing, VcpuLive.InVmm)] public bool Owner;
    [Field(Names.Nothing, VcpuLive.Always)] public bool GuestHlt;
    [Field(Names.Nothing, VcpuLive.Always, IsHidden = true)] public bool Slept;
    /// <summary>kvm_run: memory_fault, and whether exit_reason is KVM_EXIT_MEMORY_FAULT.</summary>
    [Field(Names.Gfn, VcpuLive.KvmRun)] public ulong RunGfn;
    [Field(Names.Bits, VcpuLive.KvmRun)] public ulong RunFlags;
    [Field(Names.ExitExtra, VcpuLive.KvmRun)] public ulong RunExtra;
    [Field(Names.Nothing, VcpuLive.KvmRun)] public bool RunIsMemoryFault;
    /// <summary>PFERR_PRIVATE_ACCESS.</summary>
    [Field(Names.Nothing, VcpuLive.InFault)] public bool FaultIsPrivate;
    /// <summary>A reset is under way.</summary>
    [Field(Names.Nothing, VcpuLive.Always)] public bool Resetting;
    /// <summary>The vCPU was reset after its last fault, and does not execute what faulted any more.</summary>
    [Field(Names.Nothing, VcpuLive.Always)] public bool FaultIsOld;
    [Filler] public int Filler0;
}

/// <summary>Marks on one not-present event: what made it needless, if anything did.</summary>
[Flags]
internal enum ApfMarks : byte
{
    None = 0, BackToBack = 1, Useless = 2, Late = 4,
}

internal enum TaskStatus : byte { Runnable, Sleeping, Done }

/// <summary>When a field of <see cref="TaskState"/> is read again before it is written.</summary>
[Flags]
internal enum TaskLive { Never = 0, Always = 1, HasStep = 2, Sleeping = 4 }

/// <summary>A guest task and the program step it is in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TaskState
{
    [Field(Names.GfnSet, TaskLive.Always)] public long ProgramIndex;
    [Field(Names.GfnSet, TaskLive.HasStep, IsHidden = true)] public long NextIndex;
    [Field(Names.Nothing, TaskLive.HasStep, IsHidden = true)] public long ComputeLeftNs;
    [Field(Names.Gfn, TaskLive.HasStep)] public ulong Gfn;
    [Field(Names.Token, TaskLive.Sleeping)] public uint Token;
    [Field(Names.Nothing, TaskLive.Never, IsHidden = true)] public int ApfSwitches;
    [Field(Names.Nothing, TaskLive.Always)] public TaskStatus Status;
    [Field(Names.Nothing, TaskLive.HasStep)] public GuestStepFlags Flags;
    [Field(Names.Nothing, TaskLive.Always, IsHidden = true)] public bool HasStep;
    [Field(Names.Nothing, TaskLive.Never, IsHidden = true)] public ApfMarks Marks;
    [Filler] public int Filler0;
}

/// <remarks><see cref="Stale"/> is only where rules Z2 or A17 are broken: on no list, and its
/// frame is still found.</remarks>
internal enum ApfStatus : byte { Free, Queued, Done, Stale }

/// <summary>When a field of <see cref="ApfItem"/> is read again before it is written.</summary>
[Flags]
internal enum ApfLive
{
    Never = 0,
    /// <summary>The slot is in use, or what was freed is still delivered or on the done list.</summary>
    InUse = 1,
    /// <summary>And stands for a frame: not the wake-all item.</summary>
    OfFrame = 2,
}

/// <summary>One entry of a vCPU's APF queue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ApfItem
{
    [Field(Names.Gfn, ApfLive.OfFrame)] public ulong Gfn;
    [Field(Names.Gfn, ApfLive.OfFrame, IsHidden = true)] public ulong Prefault;
    [Field(Names.Token, ApfLive.InUse)] public uint Token;
    [Field(Names.Nothing, ApfLive.InUse)] public ApfStatus Status;
    [Field(Names.Nothing, ApfLive.InUse)] public bool Injected, WakeAll;
    /// <summary>The guest was told of it, or its vCPU made to halt.</summary>
    [Field(Names.Nothing, ApfLive.InUse)] public bool Offered;
    /// <summary>KVM's worker has begun to fault the page in (kernel APF only).</summary>
    [Field(Names.Nothing, ApfLive.InUse)] public bool WorkerStarted;
    /// <summary>The guest's access was a write, and so is the fault that KVM takes at ready time.</summary>
    [Field(Names.Nothing, ApfLive.OfFrame)] public bool ForWrite;
    /// <summary>It is an encoding's, on a machine on which KVM starts APFs of its own too.</summary>
    [Field(Names.Nothing, ApfLive.InUse)] public bool IsEncodings;
    /// <summary>The error code kept for the ready says that the access was private.</summary>
    [Field(Names.Nothing, ApfLive.OfFrame)] public bool IsPrivate;
    /// <summary>A wake-all that is delivered a second time.</summary>
    [Field(Names.Nothing, ApfLive.InUse)] public bool WakesAgain;
    [Filler] public byte Filler0;
    [Filler] public short Filler1;
}

/// <summary>A fetch is wanted, given to the device, done by the device, and then in guest memory.</summary>
internal enum FetchStatus : byte { Free, Wanted, Issued, Fetched, Arrived }

/// <summary>When a field of <see cref="FetchState"/> is read again before it is written.</summary>
[Flags]
internal enum FetchLive
{
    Never = 0,
    Open = 1,
    /// <summary>The device has not been given it yet.</summary>
    Wanted = 2,
}

/// <summary>A fetch in the VMM's book, with the threads and guests that wait for it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FetchState
{
    [Field(Names.Gfn, FetchLive.Open, IsHidden = true)] public ulong Gfn;
    /// <summary>First waiter plus one, and last.</summary>
    [Field(Names.Nothing, FetchLive.Open, IsHidden = true)] public int FirstWaiter;
    [Field(Names.Waiter, FetchLive.Open, IsHidden = true)] public int LastWaiter;
    /// <summary>Actor that places the page when the device is done; -1 = any I/O thread.</summary>
    [Field(Names.Actor, FetchLive.Open)] public int Owner;
    /// <summary>In a small slot each frame has a place of its own, and nothing is taken from the list.</summary>
    [Field(Names.Nothing, FetchLive.Never, IsHidden = true)] public int NextFree;
    [Field(Names.Nothing, FetchLive.Open, IsHidden = true)] public int BlockedThreads;
    [Field(Names.Nothing, FetchLive.Open)] public FetchStatus Status;
    /// <summary>Says how long the device will take.</summary>
    [Field(Names.Nothing, FetchLive.Wanted, IsHidden = true)] public Disposition Disposition;
    [Field(Names.Nothing, FetchLive.Open)] public bool OnDemand;
    /// <summary>The page was discarded again before the arrival was published to the end.</summary>
    [Field(Names.Nothing, FetchLive.Open)] public bool IsGone;
}

/// <summary>A waiter of a fetch; <see cref="FetchTable"/> numbers waiters anew and clears free places.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WaiterState
{
    [Field(Names.WaiterCookie, Live.Always)] public ulong Cookie;
    [Field(Names.Vcpu, Live.Always)] public int Vcpu;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public int Next;
}

/// <summary>When a field of <see cref="ActorState"/> is read again before it is written.</summary>
[Flags]
internal enum ActorLive
{
    Never = 0,
    Always = 1,
    /// <summary>What the actor is at concerns a frame, or is the work item of KVM's worker.</summary>
    AtFrame = 2,
    /// <summary>What the actor is at concerns a fetch or an eventfd.</summary>
    AtFetch = 4,
    Blocked = 8,
    InOperation = 16,
}

/// <summary>A host thread or device: what it does and why it cannot go on.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ActorState
{
    [Field(Names.GfnOrWork, ActorLive.AtFrame)] public ulong Gfn;
    [Field(Names.FetchOrEventfd, ActorLive.AtFetch)] public int Fetch;
    [Field(Names.WhatBlocks, ActorLive.Blocked, IsHidden = true)] public int BlockedOn;
    [Field(Names.Nothing, ActorLive.Always, IsHidden = true)] public int LogWords;
    [Field(Names.Nothing, ActorLive.Always)] public BlockReason Blocked;
    [Field(Names.Nothing, ActorLive.Always, IsHidden = true)] public ServiceStep Step;
    [Field(Names.Nothing, ActorLive.Always, IsHidden = true)] public bool InOperation;
    /// <summary>Decides a cost only.</summary>
    [Field(Names.Nothing, ActorLive.Never, IsHidden = true)] public bool Slept;
    /// <summary>What was chosen for the operation in progress: a <see cref="Prediction"/>, or an act of the
    /// <see cref="HostileThread"/>.</summary>
    [Field(Names.Nothing, ActorLive.InOperation, IsHidden = true)] public ushort Chosen;
    /// <summary>The ioctl in progress has changed a word that it had not read, or something in a round of a loop whose
    /// record is dropped.</summary>
    [Field(Names.Nothing, ActorLive.InOperation, IsHidden = true)] public bool ChangedBlindly;
    [Filler] public byte Filler0;
    [Filler] public int Filler3;
}

/// <summary>State of the VM as a whole.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VmState
{
    /// <summary>Only whether a snapshot of it is the current one matters.</summary>
    [Field(Names.Nothing, Live.Always)] public ulong InvalidateSequence;
    [Field(Names.Nothing, Live.Never, IsHidden = true)] public ulong PrefetchIndex;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public ulong RearmIndex;
    [Field(Names.Nothing, Live.Never, IsHidden = true)] public ulong RearmNext;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public int FreeFetch, FreeWaiter;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public int CompletedHead, CompletedCount, PrefetchInFlight;
    [Field(Names.Nothing, Live.Always)] public int LiveVcpus;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public int WorkHead;
    [Field(Names.Nothing, Live.Always)] public int WorkCount;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public int UnderWay, SignalledEventfds, LockWaiters;
    [Field(Names.Nothing, Live.Always)] public bool Userfault, PauseRequested;
    /// <summary>What the environment may still do (<see cref="EnvironmentBudget"/>).</summary>
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public byte SignalsLeft, RefusalsLeft, CopyFailuresLeft;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public byte CarelessLeft, RepeatsLeft;
    [Field(Names.Nothing, Live.Always)] public byte HostileLeft;
    /// <summary>One bit for each frame whose writes the VMM tracks and has not heard of.</summary>
    [Field(Names.GfnSet, Live.Always)] public int TrackedFrames;
    /// <summary>One bit for each frame that KVM has filled with a page of its own, and the VMM has not yet.</summary>
    [Field(Names.GfnSet, Live.Always)] public int KvmFrames;
    /// <summary>One bit for each frame whose memory attribute is private.</summary>
    [Field(Names.GfnSet, Live.Always)] public int PrivateFrames;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public byte KvmWritesLeft, ResetsLeft;
    [Field(Names.Nothing, Live.Always, IsHidden = true)] public byte EventDropsLeft, PrefaultsLeft;
    /// <summary>KVM has vector 0 for the page-ready interrupt, which no vCPU takes.</summary>
    [Field(Names.Nothing, Live.Always)] public bool VectorIsLost;
    [Filler] public byte Filler0;
    [Filler] public short Filler1;
}
