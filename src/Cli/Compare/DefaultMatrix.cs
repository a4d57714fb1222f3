using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Compare;

/// <summary>What is compared if nothing is said. This is the one place that knows encodings by name.</summary>
internal static class DefaultMatrix
{
    public const string Baseline = "never-async";
    public const string Oracle = "oracle";
    public const string Rfc = "single-bit:variant=as-posted";

    /// <summary>What the RFC gained on its pair of threads.</summary>
    public const decimal RfcGain = 0.26m;

    /// <summary>The encodings. Variants that are there to show what goes wrong with them are marked: their violations
    /// are results.</summary>
    public static IReadOnlyList<PlannedEncoding> Encodings(EncodingRegistry registry) =>
    [
        Known(registry),
        EncodingSpecs.Plan(registry, "userfaultfd"),
        EncodingSpecs.Plan(registry, "kernel-apf"),
        EncodingSpecs.Plan(registry, "single-bit:apf=off"),
        EncodingSpecs.Plan(registry, "single-bit"),
        EncodingSpecs.Plan(registry, Rfc, reportedAsItComesOut: true,
            "The Async PF user RFC (2024-11) with its defects; statements about the RFC are about this one."),
        EncodingSpecs.Plan(registry, "multi-bit"),
        EncodingSpecs.Plan(registry, "multi-bit:update=plain", reportedAsItComesOut: true,
            "Plain stores to shared words, to see what the race costs."),
        EncodingSpecs.Plan(registry, "async-hint:inject=at-fault", reportedAsItComesOut: true,
            "The accept/ready series of 2026: injects before the VMM has said anything."),
        EncodingSpecs.Plan(registry, "async-hint"),
        EncodingSpecs.Plan(registry, "exitless"),
        EncodingSpecs.Plan(registry, Oracle),
    ];

    /// <summary>The baseline, with what it is known as.</summary>
    private static PlannedEncoding Known(EncodingRegistry registry) =>
        EncodingSpecs.Plan(registry, Baseline, note: "Exit and block.");

    /// <summary>What the user named, between the reference points; whatever they do wrong is a failure.</summary>
    public static IReadOnlyList<PlannedEncoding> Named(EncodingRegistry registry, IReadOnlyList<string> specs)
    {
        PlannedEncoding[] named = [.. specs.Select(spec => EncodingSpecs.Plan(registry, spec))];
        bool Missing(string name) => named.All(e => e.Name != name);
        return
        [
            .. Missing(Baseline) ? [Known(registry)] : Array.Empty<PlannedEncoding>(),
            .. named.Select(e => e.Name == Baseline ? Known(registry) : e),
            .. Missing(Oracle) ? [EncodingSpecs.Plan(registry, Oracle)] : Array.Empty<PlannedEncoding>(),
        ];
    }
}
