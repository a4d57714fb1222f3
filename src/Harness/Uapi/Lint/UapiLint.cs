using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Holds a uAPI against the rules.</summary>
public static class UapiLint
{
    /// <summary>Every rule, in the order in which they are reported. docs/uapi.md shows them.</summary>
    public static IReadOnlyList<LintRule> Rules { get; } =
        [.. LayoutRules.All, .. RequestRules.All, .. NumberRules.All, .. LifecycleRules.All, .. ProbedRules.All];

    /// <summary>Findings on an encoding, its KVM half included, in the order of the rules.</summary>
    public static IReadOnlyList<Finding> Check(Encoding encoding) =>
        Check(new LintSubject(UapiModel.Of(encoding), encoding));

    internal static IReadOnlyList<Finding> Check(LintSubject subject) => [.. Rules.SelectMany(r => r.Check(subject))];
}
