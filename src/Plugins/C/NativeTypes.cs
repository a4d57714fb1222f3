using System.Runtime.InteropServices;

namespace UapiLab.Plugins.C;

// What uapilab.h and shim.c declare, field by field. CPluginTests reads one of each back.
#pragma warning disable CS0649 // C assigns them

/// <summary>struct run of shim.c.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRun
{
    public ulong* Answers;
    public NativePlace** Asked;
    public uint* Options;
    public uint Given;
    public uint Next;
    public ulong Steps;
    public ulong LeftAt;
    public NativePlace* Place;
    public fixed ulong Argument[5];
    public fixed ulong Result[4];
    public void** Leave;
    public HowLeft How;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePlace
{
    public byte* File;
    public uint Line;
    public CCall Call;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRegion
{
    public byte* Name;
    public int Owner;
    public int Scope;
    public int WordBits;
    public int Count;
    public int Holds;
    public int* Record;
    public int RecordWords;
    public byte* Doc;
    public byte* Restore;
    public ulong StartsAs;
    public byte Allocates;
    public byte RunsFreely;
    public byte* OnlyIf;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOption
{
    public byte* Name;
    public byte* Values;
    public byte* Doc;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeEvent
{
    public byte* Name;
    public byte* Doc;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeCapability
{
    public byte* Name;
    public int Number;
    public byte* Enable;
    public byte* Doc;
    public byte* OnlyIf;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeFlag
{
    public byte* Name;
    public byte* Field;
    public int Bit;
    public byte* Doc;
    public byte* Capability;
    public byte* OptIn;
    public byte* OnlyIf;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeConstant
{
    public byte* Name;
    public ulong Value;
    public byte* Field;
    public byte* Doc;
    public byte* OnlyIf;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDuplicate
{
    public byte* What;
    public byte* OnlyIf;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeErrno
{
    public int Error;
    public byte* When;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOperation
{
    public byte* Name;
    public uint Value;
    public byte* Doc;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeIoctl
{
    public byte* Name;
    public uint Number;
    public byte* Direction;
    public byte* Argument;
    public byte TakesVcpuMutex;
    public NativeErrno* Errors;
    public int ErrorCount;
    public byte* Doc;
    public byte* Capability;
    public int Target;
    public int OpOffset;
    public NativeOperation* Operations;
    public int OperationCount;
    public uint* WithoutMutex;
    public int WithoutMutexCount;
    public byte* OnlyIf;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeField
{
    public byte* Name;
    public byte* Doc;
    public byte* PointsTo;
    public byte* Region;
    public byte* ValidWith;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStruct
{
    public byte* Tag;
    public ulong Size;
    public byte* Doc;
    public byte* MustBeZero;
    public byte* FilledByKvm;
    public NativeField* Fields;
    public int FieldCount;
    public byte* OnlyIf;
}

/// <summary>struct uapi_encoding.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeEncoding
{
    public byte* Id;
    public byte* Summary;
    public byte* Origin;
    public int Traits;
    public int Interception;
    public int BitsPerGfn;
    public byte** States;
    public int StateCount;
    public int ExitExtra;
    public int WaiterCookie;
    public int WorkArgument;
    public uint Locks;
    public NativeRegion* Regions;
    public int RegionCount;
    public NativeOption* Options;
    public int OptionCount;
    public NativeEvent* Events;
    public int EventCount;
    public NativeCapability* Capabilities;
    public int CapabilityCount;
    public NativeFlag* Flags;
    public int FlagCount;
    public NativeConstant* Constants;
    public int ConstantCount;
    public NativeIoctl* Ioctls;
    public int IoctlCount;
    public NativeStruct* Structs;
    public int StructCount;
    public NativeDuplicate* Duplicates;
    public int DuplicateCount;

    /// <summary>The functions of both halves, in the order of <see cref="CEntry"/>.</summary>
    public fixed ulong Functions[(int)CEntry.Count];
}
#pragma warning restore CS0649

/// <summary>enum entry of shim.c: the functions of both halves.</summary>
internal enum CEntry
{
    GuestFault, Run, RunReturn, Ioctl, KvmEventfd, Work, BeforeHalt, ApfDelivered, QueueClearing, QueueCleared,
    MemslotChange, Arm, Exit, ContentArrived, FetchStarted, VcpuCreated, TrackWrites, VmmEventfd,
    Count,
}

/// <summary>enum uapi_call.</summary>
internal enum CCall : uint
{
    Load, GetUser, Store, Exchange, CompareExchange, And, Or, Add, Fence, Fill, Count, Checkpoint,
    ApfLimit, CanDoApf, CanDeliverApf, FindApf, FindApfByToken, ApfAt, SetUpApf, CancelApf, InjectNotPresent,
    CompleteApf, RequestHalt, Kick, QueueWork, KvmSignalEventfd, Lock, Unlock,
    Ioctl, AddWaiter, TakeWaiter, ReportFault, WriteSeen, VmmSignalEventfd, ReadEventfd, UpdateMemslot,
}

/// <summary>enum how_left of shim.c.</summary>
internal enum HowLeft
{
    Returned, Asks, Loops, Strays, Option,
}
