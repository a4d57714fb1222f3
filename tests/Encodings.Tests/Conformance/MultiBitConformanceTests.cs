using UapiLab.Testing;
using UapiLab.Tests;

namespace UapiLab.Encodings.Tests.Conformance;

public sealed class MultiBitConformanceTests() : VariantConformance("multi-bit");

public sealed class MultiBitSplitConformanceTests() : VariantConformance("multi-bit:layout=split");

/// <summary>Plain stores: what a neighbour changes in the word meanwhile is lost.</summary>
public sealed class MultiBitPlainConformanceTests() : VariantConformance("multi-bit:update=plain")
{
    /// <summary>What is expected to fail needs the usual number of cases.</summary>
    protected override ConformanceSettings Settings =>
        base.Settings with { Cases = ConformanceSettings.Default.Cases };

    /// <summary>The last one lies beyond the states that are looked at without <see cref="Repeats"/>;
    /// <c>CheckerTests</c> finds it on a smaller machine.</summary>
    protected override IReadOnlyList<ExpectedFailure> ExpectedFailures =>
    [
        new("follows-the-contract", "unpopulated-read"),
        new("keeps-the-rules-on-any-machine", "unpopulated-read"),
        .. Repeats.AreWanted ? [new ExpectedFailure("every-interleaving-neighbours", "unpopulated-read")]
            : Array.Empty<ExpectedFailure>(),
    ];
}
