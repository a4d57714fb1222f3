using UapiLab.Cli.Ci;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;

namespace UapiLab.Cli.Compare;

/// <summary>A report for other tools: a case for each claim, and one for the rules of each encoding
/// (docs/ci.md).</summary>
internal static class CompareCi
{
    private const string Rules = "rules";

    public static IReadOnlyList<CiCase> Cases(ComparisonReport report)
    {
        var broken = report.BrokenRules.ToDictionary(b => b.Encoding, b => b.Text);
        return
        [
            .. report.Claims.Select(c => new CiCase(c.Source, c.Claim.Id, c.Verdict switch
            {
                Verdict.Holds => CiVerdict.Passed,
                Verdict.DoesNotHold => CiVerdict.Failed,
                _ => CiVerdict.Error,
            }, c.Verdict == Verdict.Holds ? "" : $"{c.Claim.Text}: {c.Beside}")),
            .. report.Encodings.Select(e => new CiCase(Rules, e.Name,
                broken.ContainsKey(e.Name) ? CiVerdict.Failed
                    : e.ViolationsExpected ? CiVerdict.Skipped : CiVerdict.Passed,
                broken.GetValueOrDefault(e.Name, e.ViolationsExpected ? "reported as it comes out" : ""))),
        ];
    }
}
