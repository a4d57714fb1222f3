using UapiLab.Testing;

namespace UapiLab.Encodings.Tests.Conformance;

public sealed class MultiBitConformanceTests() : BuiltInConformance("multi-bit");

public sealed class MultiBitSplitConformanceTests() : VariantConformance("multi-bit:layout=split");

/// <summary>Plain stores: what a neighbour changes in the word meanwhile is lost.</summary>
public sealed class MultiBitPlainConformanceTests() : VariantConformance("multi-bit:update=plain")
{
    protected override ConformanceSettings Settings => base.Settings with { Cases = ConformanceSettings.Default.Cases };

    protected override IReadOnlyList<ExpectedFailure> ExpectedFailures =>
    [
        new("follows-the-contract", "unpopulated-read"),
        new("keeps-the-rules-on-any-machine", "unpopulated-read"),
        new("every-interleaving-neighbours", "unpopulated-read"),
    ];
}
