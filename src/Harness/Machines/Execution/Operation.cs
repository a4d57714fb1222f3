namespace UapiLab.Harness.Machines.Execution;

/// <summary>Methods of an encoding that the machine calls.</summary>
internal enum Operation : byte
{
    OnGuestFault, OnRun, OnRunReturn, OnIoctl, OnWork, OnBeforeHalt, OnApfDelivered, OnQueueClearing, OnQueueCleared,
    OnMemslotChange,
    // of the VMM's half, from here on
    OnArm, OnExit, OnContentArrived, OnFetchStarted, OnVcpuCreated, OnEventfd, OnTrackWrites,
}

/// <summary>An encoding did what the contract forbids: the run stops and names it.</summary>
public sealed class EncodingDefectException(string message, Exception? inner = null) : Exception(message, inner);
