using UapiLab.TestKit.Fakes;

namespace UapiLab.Testing.Tests.Seeded;

// What the seeded defects vary is right: the whole kit, as its author would run it.

public sealed class TokenControlTests() : SeededConformance(SeededPlugin.Family("token-control").With());

public sealed class AtFaultControlTests() : SeededConformance(SeededPlugin.Family("at-fault-control").With());

public sealed class AtReentryControlTests() : SeededConformance(SeededPlugin.Family("at-reentry-control").With());

public sealed class PlanesControlTests() : SeededConformance(SeededPlugin.Family("planes-control").With());

/// <summary>A ring's two largest instances would take as long as all the rest: so far, and no livelock
/// (docs/testing-kit.md).</summary>
public sealed class RingControlTests() : SeededConformance(SeededPlugin.Family("ring-control").With())
{
    protected override ConformanceSettings Settings => base.Settings with
    {
        MaxStates = Math.Min(base.Settings.MaxStates, 400_000),
        AllowsUndecided = true,
    };
}

/// <summary>Right as long as the VMM sends one READY: the control of a VMM that sends two, and wrong under one that KVM
/// cannot trust.</summary>
public sealed class TrustingControlTests() : SeededConformance(SeededPlugin.Family("token-trusting").With())
{
    /// <summary>What is expected to fail needs the usual number of cases.</summary>
    protected override ConformanceSettings Settings => base.Settings with
    {
        Cases = ConformanceSettings.Default.Cases,
        Rounds = ConformanceSettings.Default.Rounds,
    };

    protected override IReadOnlyList<ExpectedFailure> ExpectedFailures =>
    [
        new("survives-hostile-userspace", "unmatched-ready"),
        new("survives-hostile-threads", "unmatched-ready"),
        new("every-interleaving-careless-vcpu", "unmatched-ready"),
    ];
}
