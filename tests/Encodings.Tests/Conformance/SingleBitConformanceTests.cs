using UapiLab.Testing;

namespace UapiLab.Encodings.Tests.Conformance;

public sealed class SingleBitConformanceTests() : BuiltInConformance("single-bit");

public sealed class SingleBitWithoutApfConformanceTests() : VariantConformance("single-bit:apf=off");

/// <summary>The RFC as its author posted it: set-up without the lock, a second READY completes a second time, and one
/// that looked its APF up before the guest dropped it completes what is gone.</summary>
public sealed class SingleBitAsPostedConformanceTests() : VariantConformance("single-bit:variant=as-posted")
{
    /// <summary>What is expected to fail needs the usual number of cases.</summary>
    protected override ConformanceSettings Settings => base.Settings with
    {
        Cases = ConformanceSettings.Default.Cases,
        Rounds = ConformanceSettings.Default.Rounds,
    };

    protected override IReadOnlyList<ExpectedFailure> ExpectedFailures =>
    [
        new("reserved-is-refused", "locking"),
        new("follows-the-contract", "locking"),
        new("survives-hostile-userspace", "locking"),
        new("survives-real-threads", "locking"),
        new("survives-hostile-threads", "locking"),
        new("keeps-the-rules-on-any-machine", "unmatched-ready"),
        new("every-interleaving-careless-vcpu", "unmatched-ready"),
    ];
}
