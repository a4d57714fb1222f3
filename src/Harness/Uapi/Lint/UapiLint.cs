using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>A rule as one may list it.</summary>
/// <param name="Id">Short name.</param>
/// <param name="Severity">How bad it is to break it.</param>
/// <param name="Doc">The rule, as one sentence.</param>
/// <param name="Source">Where it comes from.</param>
public sealed record LintRuleInfo(string Id, Severity Severity, string Doc, string Source);

/// <summary>Holds a uAPI against the rules.</summary>
public static class UapiLint
{
    /// <summary>Every rule.</summary>
    public static IReadOnlyList<LintRuleInfo> Rules { get; } =
        [.. LintRules.All.Select(r => new LintRuleInfo(r.Id, r.Severity, r.Doc, r.Source))];

    /// <summary>Findings on an encoding, its KVM half included, in the order of the rules.</summary>
    public static IReadOnlyList<Finding> Check(Encoding encoding) => Check(new LintSubject(UapiModel.Of(encoding), encoding));

    internal static IReadOnlyList<Finding> Check(LintSubject subject) => [.. LintRules.All.SelectMany(r => r.Check(subject))];
}
