using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Why the guest was left, as far as the rules care.</summary>
internal enum LeaveReason : byte { Unknown, Other, StageTwoFault, GuestPageFault, Msr, Halt, InterruptWindow }

/// <summary>One line of a trace, read. Which members mean something depends on the kind.</summary>
internal readonly record struct RecordedEvent
{
    public required RecordedKind Kind { get; init; }

    /// <summary>Line of the file, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>Number of the event among all events of the file, from 1: what a verdict names.</summary>
    public required long Number { get; init; }

    public required long AtNs { get; init; }

    public required long Thread { get; init; }

    /// <summary>vCPU that the line names, or -1.</summary>
    public int Vcpu { get; init; }

    /// <summary>Page of the address that the line names.</summary>
    public ulong Gfn { get; init; }

    /// <summary>Whether it names one.</summary>
    public bool HasGfn { get; init; }

    /// <summary>Token, vector or MSR data.</summary>
    public ulong Value { get; init; }

    /// <summary>Why KVM_RUN returned; null where it returned 0.</summary>
    public RunExit? Exit { get; init; }

    /// <summary>MSR index.</summary>
    public uint Index { get; init; }

    /// <summary>Event information of an entry or exit.</summary>
    public uint EventInfo { get; init; }

    public bool HasEventInfo { get; init; }

    public LeaveReason Reason { get; init; }

    /// <summary>MSR write; injection of #PF.</summary>
    public bool IsWrite { get; init; }

    /// <summary>The line ends in <c>[reinjected]</c>.</summary>
    public bool Again { get; init; }

    /// <summary>Text of a marker.</summary>
    public string Text { get; init; }

    /// <summary>The token that wakes every sleeper.</summary>
    public const ulong WakeAll = uint.MaxValue;
}
