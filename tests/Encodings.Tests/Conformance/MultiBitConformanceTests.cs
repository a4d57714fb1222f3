using UapiLab.Testing;

namespace UapiLab.Encodings.Tests.Conformance;

public sealed class MultiBitConformanceTests() : VariantConformance("multi-bit");

public sealed class MultiBitSplitConformanceTests() : VariantConformance("multi-bit:layout=split");

/// <summary>Plain stores: what a neighbour changes in the word meanwhile is lost.</summary>
public sealed class MultiBitPlainConformanceTests() : VariantConformance("multi-bit:update=plain")
{
    /// <summary>What is expected to fail needs the usual number of cases, and more states than its siblings
    /// need.</summary>
    protected override ConformanceSettings Settings => base.Settings with
    {
        Cases = ConformanceSettings.Default.Cases,
        MaxStates = Math.Max(base.Settings.MaxStates, 100_000),
    };

    protected override IReadOnlyList<ExpectedFailure> ExpectedFailures =>
    [
        new("follows-the-contract", "unpopulated-read"),
        new("keeps-the-rules-on-any-machine", "unpopulated-read"),
        new("every-interleaving-neighbours", "unpopulated-read"),
    ];
}
