using UapiLab.Harness.Conformance;

namespace UapiLab.Cli.Conform;

/// <summary>Which traces came to which rule, and which rules no trace came to.</summary>
internal static class CoverageTable
{
    public static void Write(TextWriter output, IReadOnlyList<ConformReport> reports)
    {
        foreach (var rule in ConformRules.All)
        {
            var uses = reports.Select(report => (Name: Path.GetFileName(report.File), Uses: rule.UsesIn(report))).Where(use => use.Uses > 0).ToList();
            output.WriteLine($"{rule.Name,-12} {rule.What} ({rule.Source})");
            output.WriteLine(uses.Count == 0
                ? "             no trace comes to it"
                : "             " + string.Join(", ", uses.Select(use => Invariant($"{use.Name} {use.Uses}"))));
        }
    }
}
