using System.Text;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Cli.Uapi;

/// <summary>Findings as lines of text, one each, as compilers have them.</summary>
internal static class LintText
{
    /// <summary>What was found, and a count at the end.</summary>
    public static string Write(string encoding, IReadOnlyList<Finding> findings)
    {
        var to = new StringBuilder();
        foreach (var finding in findings.OrderBy(f => f.Severity))
        {
            to.Append(encoding).Append(": ").Append(finding.Severity.Words()).Append(": ").Append(finding.Place)
                .Append(": ")
                .Append(finding.Text).Append(" [").Append(finding.Rule).Append("]\n");
        }

        int Count(Severity severity) => findings.Count(f => f.Severity == severity);
        return to.Append(Invariant(
            $"{encoding}: {UapiLint.Rules.Count} rules: {Count(Severity.Error)} errors, {Count(Severity.Warning)} ")
                + Invariant($"warnings, {Count(Severity.Note)} notes\n")).ToString();
    }

    /// <summary>Every rule with its source.</summary>
    public static string Rules()
    {
        var to = new StringBuilder();
        foreach (var rule in UapiLint.Rules)
        {
            to.Append(rule.Id).Append(" (").Append(rule.Severity.Words()).Append(")\n    ").Append(rule.Doc)
                .Append("\n    ").Append(rule.Source).Append('\n');
        }

        return to.ToString();
    }
}
