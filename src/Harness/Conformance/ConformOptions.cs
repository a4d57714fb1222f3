using UapiLab.Abstractions;

namespace UapiLab.Harness.Conformance;

/// <summary>How a trace is held to the machine.</summary>
public sealed record ConformOptions
{
    /// <summary>The userfault interface of the kernel that was recorded; null = none, a stock kernel.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>How far the clocks of two CPUs may differ. The order of events of one thread never depends on
    /// it.</summary>
    public long ClockToleranceNs { get; init; } = 20_000;

    /// <summary>Listens to the number of events that were read.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Whether the report has the events themselves, for a page.</summary>
    public bool Tells { get; init; }

    /// <summary>Rules that the machine does not keep, for tests.</summary>
    internal Machines.RuleSet Broken { get; init; }

    /// <summary>Stop before this event and describe the states; 0 = go on to the end.</summary>
    internal long StopBefore { get; init; }
}
