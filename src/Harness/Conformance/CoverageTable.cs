using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Conformance;

/// <summary>Which traces came to which rule, and which rules no trace came to.</summary>
public static class CoverageTable
{
    /// <summary>Writes two lines for each rule.</summary>
    public static void Write(TextWriter output, IReadOnlyList<ConformReport> reports)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(reports);
        foreach (var rule in Rows)
        {
            var uses = reports
                .Select(report => (Name: CleanText.Printable(Path.GetFileName(report.File)), Uses: Uses(rule, report)))
                .Where(use => use.Uses > 0).ToList();
            output.WriteLine($"{rule.Id,-12} {rule.What} ({rule.Source})");
            output.WriteLine(uses.Count == 0
                ? "             no trace comes to it"
                : "             "
                    + string.Join(", ", uses.Select(use => Invariant($"{use.Name} {use.Uses}"))));
        }
    }

    /// <summary>The rules that a recording could break.</summary>
    internal static IEnumerable<Rule> Rows => Rules.All.Where(rule => rule.IsHeldToTraces);

    /// <summary>How often a trace came to the rule.</summary>
    internal static long Uses(Rule rule, ConformReport report) => rule.Without is not null
        ? report.Rules.GetValueOrDefault(rule.Name)
        : rule.Events.Sum(name => report.ExplainedEvents.GetValueOrDefault(name));
}
