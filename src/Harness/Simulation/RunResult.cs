using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>What one simulated run counted. Units: ns of virtual time, or a count.</summary>
public sealed record RunResult
{
    /// <summary>Micro-steps of the machine.</summary>
    public long Steps { get; init; }
    /// <summary>Guest accesses that faulted at least once and were completed.</summary>
    public long Faults { get; init; }
    /// <summary>KVM_RUN returns with a fault.</summary>
    public long Exits { get; init; }
    /// <summary>Stage-2 page-fault exits to KVM.</summary>
    public long PageFaultExits { get; init; }
    /// <summary>Page-not-present #PFs that the guest took.</summary>
    public long NotPresentInjected { get; init; }
    /// <summary>Page-ready interrupts that the guest took, the wake-all of enabling included.</summary>
    public long ReadyIrqs { get; init; }
    /// <summary>Not-presents whose ready was queued before the guest ran an instruction.</summary>
    public long BackToBackApf { get; init; }
    /// <summary>Not-presents with nothing else runnable on the vCPU.</summary>
    public long UselessApf { get; init; }
    /// <summary>Not-presents injected although the content was there.</summary>
    public long LateApf { get; init; }
    /// <summary>Not-presents injected for a page whose fetch was already under way.</summary>
    public long InFlightApf { get; init; }
    /// <summary>Context switches in the guest, to idle included.</summary>
    public long GuestContextSwitches { get; init; }
    /// <summary>Those caused by a not-present that was at least one of the three.</summary>
    public long WastedContextSwitches { get; init; }
    /// <summary>APF halts.</summary>
    public long ApfHalts { get; init; }
    /// <summary>HLTs of the guest.</summary>
    public long GuestHalts { get; init; }
    /// <summary>vCPU threads asleep in a halt or waiting for a page, summed over vCPUs.</summary>
    public long VcpuBlockedNs { get; init; }
    /// <summary>vCPU threads polling after the guest's HLT, summed over vCPUs.</summary>
    public long HaltPolledNs { get; init; }
    /// <summary>Until the last task ended.</summary>
    public long ElapsedNs { get; init; }
    /// <summary>Median latency from fault to completed access.</summary>
    public long LatencyP50Ns { get; init; }
    /// <summary>90th percentile.</summary>
    public long LatencyP90Ns { get; init; }
    /// <summary>99th percentile.</summary>
    public long LatencyP99Ns { get; init; }
    /// <summary>Maximum.</summary>
    public long LatencyMaxNs { get; init; }
    /// <summary>Faults by their latency, a count for each bucket of <see cref="LatencyBuckets"/>.</summary>
    public IReadOnlyList<long> LatencyCounts { get; init; } = [];
    /// <summary>Accesses to shared words.</summary>
    public long SharedAccesses { get; init; }
    /// <summary>Events that the encoding counted, in the order of its <see cref="Abstractions.Encoding.OwnEvents"/>.
    /// </summary>
    public IReadOnlyList<long> OwnEvents { get; init; } = [];
    /// <summary>Count per <see cref="ViolationKind"/>.</summary>
    public required IReadOnlyList<long> Violations { get; init; }

    /// <summary>Whether any rule was broken.</summary>
    public bool HasViolation => Violations.Any(v => v != 0);
}
