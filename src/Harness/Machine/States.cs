using System.Runtime.InteropServices;

namespace UapiLab.Harness.Machines;

/// <summary>Where a vCPU thread is. One value is one kind of micro-step.</summary>
internal enum VcpuStep : byte
{
    GuestRun, GuestComputing, GuestNotPresent, GuestReadyIrq,
    FaultSnapshot, FaultCheck, FaultLookup, FaultMap, LookupSleep,
    RunEntry, RunLoop, ReadyPop, ReadyPrefetch, ReadyPresent, ReadyDelivered, BeforeHalt, ApfHalted, GuestHalted,
    RunReturn, VmmExit, VmmBoundedWait, VmmOnExit, VmmFetchStarted, VmmResolve, VmmLocalFetch, VmmWaitFetch, VmmPlace, VmmPublish,
    QueueClearing, QueueClear, QueueCleared, Paused, Done,
}

/// <summary>Where an I/O thread, the device, the prefetcher or the re-arming thread is.</summary>
internal enum ServiceStep : byte
{
    Take, Place, Publish, Wait, FetchStarted, PauseAll, SlotOff, Pick, Discard, Arm, SlotOn, Eventfd, Work, Hostile, Read, Restore,
}

/// <summary>Why an actor cannot take a step.</summary>
internal enum BlockReason : byte
{
    None, ApfHalt, GuestHalt, WaitFetch, LookupSleep, Lock, Idle, Pause, Finished, WorkerFlush,
}

/// <summary>A vCPU: x86 state that the fault path looks at, KVM's per-vCPU APF state, and the thread's own registers.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VcpuState
{
    /// <summary>Frame of the fault being handled (also the VMM's view of the exit).</summary>
    public ulong FaultGfn;
    /// <summary>Flags of the memory-fault exit.</summary>
    public ulong ExitFlags;
    /// <summary>Extra field of the exit.</summary>
    public ulong ExitExtra;
    /// <summary>Invalidate sequence at the snapshot.</summary>
    public ulong SequenceSnapshot;
    /// <summary>Frame of the last fault, plus one, and how often in a row without progress.</summary>
    public ulong LastFault;
    public long SliceLeftNs, ChunkNs;
    /// <summary>The guest's APF area: flags and token words.</summary>
    public uint SharedFlags, SharedToken;
    public uint TokenCounter, PfToken;
    public ulong PfGfn;
    public int FaultsInARow, Queued, DoneHead, DoneCount, ReadySlot, CurrentTask, Fetch, Dummies, WokenTask;
    public VcpuStep Step, Resume;
    public byte FaultAccess, Wanted, Disposition, PfMarks;
    public RunExit Exit;
    public bool SignalPending, ImmediateExit, Transient;
    public bool Unused0;
    /// <summary>The guest's handler that faulted on the APF area and starts again after the fault; GuestRun if none did.</summary>
    public VcpuStep Handler;
    /// <summary>The words of the APF area in a snapshot while their page is missing.</summary>
    public uint AreaFlags, AreaToken;
    public int Unused2;
    public bool Kicked, RequestReady, RequestHalt, ApfHalted, PageReadyPending, PfPending, IrqPending, ApfEnabled, MapReadOnly, Owner, GuestHlt, Slept;
}

/// <summary>Marks on one not-present event: what made it spurious.</summary>
[Flags]
internal enum ApfMarks : byte
{
    None = 0, BackToBack = 1, Useless = 2, Late = 4,
}

internal enum TaskStatus : byte { Runnable, Sleeping, Done }

/// <summary>A guest task and the program step it is in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TaskState
{
    public long ProgramIndex, NextIndex, ComputeLeftNs;
    public ulong Gfn;
    public uint Token;
    public int ApfSwitches;
    public TaskStatus Status;
    public GuestStepFlags Flags;
    public bool HasStep;
    public ApfMarks Marks;
    public int WokenByApf;
}

internal enum ApfStatus : byte { Free, Queued, Done }

/// <summary>One entry of a vCPU's APF queue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ApfItem
{
    public ulong Gfn, Prefault;
    public uint Token;
    public ApfStatus Status;
    public bool Injected, WakeAll;
    /// <summary>The guest was told of it, or its vCPU made to halt.</summary>
    public bool Offered;
    /// <summary>KVM's worker has begun to fault the page in (kernel APF only).</summary>
    public bool WorkerStarted;
    public byte Unused0, Unused1, Unused2;
    public int Unused3;
}

/// <summary>A fetch is wanted, given to the device, done by the device, and then in guest memory.</summary>
internal enum FetchStatus : byte { Free, Wanted, Issued, Fetched, Arrived }

/// <summary>A fetch in the VMM's book, with the threads and guests that wait for it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FetchState
{
    public ulong Gfn;
    /// <summary>First waiter plus one, and last.</summary>
    public int FirstWaiter, LastWaiter;
    /// <summary>Actor that places the page when the device is done; -1 = any I/O thread.</summary>
    public int Owner;
    public int NextFree;
    public int BlockedThreads;
    public FetchStatus Status;
    public byte Disposition;
    public bool OnDemand, Unused;
}

/// <summary>A waiter of a fetch.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WaiterState
{
    public ulong Cookie;
    public int Vcpu, Next;
}

/// <summary>A host thread or device: what it does and why it cannot go on.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ActorState
{
    public ulong Gfn;
    public int Fetch, BlockedOn, LogWords;
    public BlockReason Blocked;
    public ServiceStep Step;
    public bool InOperation, Slept;
    /// <summary>The prediction handed to the operation in progress.</summary>
    public byte Predicted;
    public byte Unused0, Unused1, Unused2;
    public int Unused3;
}

/// <summary>State of the VM as a whole.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VmState
{
    public ulong InvalidateSequence;
    public ulong PrefetchIndex, RearmIndex, RearmNext;
    public int FreeFetch, FreeWaiter, CompletedHead, CompletedCount, PrefetchInFlight, LiveVcpus, WorkHead, WorkCount, UnderWay, SignalledEventfds, LockWaiters;
    public bool Userfault, PauseRequested;
    /// <summary>What the environment may still do (<see cref="EnvironmentBudget"/>).</summary>
    public byte SignalsLeft, RefusalsLeft, CopyFailuresLeft, CarelessLeft, RepeatsLeft, HostileLeft;
    /// <summary>One bit for each frame whose writes the VMM tracks and has not heard of.</summary>
    public int TrackedFrames;
}
