using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>What one simulated run counted. Units: ns of virtual time, or a count.</summary>
public sealed record RunResult
{
    /// <summary>Micro-steps of the machine.</summary>
    public long Steps { get; init; }
    /// <summary>Guest accesses that faulted at least once and were completed.</summary>
    internal long Faults { get; init; }
    /// <summary>KVM_RUN returns with a fault.</summary>
    internal long Exits { get; init; }
    /// <summary>Stage-2 page-fault exits to KVM.</summary>
    internal long PageFaultExits { get; init; }
    /// <summary>Page-not-present #PFs that the guest took.</summary>
    internal long NotPresentInjected { get; init; }
    /// <summary>Page-ready interrupts that the guest took, the wake-all of enabling included.</summary>
    internal long ReadyIrqs { get; init; }
    /// <summary>Not-presents whose ready was queued before the guest ran an instruction.</summary>
    internal long BackToBackApf { get; init; }
    /// <summary>Not-presents with nothing else runnable on the vCPU.</summary>
    internal long UselessApf { get; init; }
    /// <summary>Not-presents injected although the content was there.</summary>
    internal long LateApf { get; init; }
    /// <summary>Not-presents that were at least one of the three.</summary>
    internal long SpuriousApf { get; init; }
    /// <summary>Not-presents injected for a page whose fetch was already under way.</summary>
    internal long InFlightApf { get; init; }
    /// <summary>Context switches in the guest, to idle included.</summary>
    internal long GuestContextSwitches { get; init; }
    /// <summary>Those caused by a spurious APF.</summary>
    internal long WastedContextSwitches { get; init; }
    /// <summary>APF halts.</summary>
    internal long ApfHalts { get; init; }
    /// <summary>vCPU threads asleep in a halt or waiting for a page, summed over vCPUs.</summary>
    internal long VcpuBlockedNs { get; init; }
    /// <summary>Until the last task ended.</summary>
    internal long ElapsedNs { get; init; }
    /// <summary>Median latency from fault to completed access.</summary>
    internal long LatencyP50Ns { get; init; }
    /// <summary>99th percentile.</summary>
    internal long LatencyP99Ns { get; init; }
    /// <summary>Maximum.</summary>
    internal long LatencyMaxNs { get; init; }
    /// <summary>Accesses to shared words.</summary>
    internal long SharedAccesses { get; init; }
    /// <summary>Count per <see cref="ViolationKind"/>.</summary>
    public required IReadOnlyList<long> Violations { get; init; }

    /// <summary>Whether any rule was broken.</summary>
    internal bool HasViolation => Violations.Any(v => v != 0);
}
