using UapiLab.Tests;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Which recordings hold the machine to which rule: a machine without the rule is rejected by them.</summary>
public sealed class RuleCoverageTests
{
    private const string Document = "docs/conform.md";

    private static readonly Lazy<IReadOnlyList<(Recording Recording, ConformReport Report)>> s_reports =
        new(() => [.. Recording.All.Select(r => (r, r.Check()))]);

    public static TheoryData<string> BreakableRules => new(Rules.Breakable.Select(rule => rule.Name));

    [Theory]
    [MemberData(nameof(BreakableRules))]
    public void A_machine_without_the_rule_is_rejected_unless_no_recording_can_notice(string name)
    {
        var rule = Rules.Breakable.Single(r => r.Name == name);
        Assert.Equal(rule.Without!.NoRecording is null, RejectedBy(rule).Any());
    }

    [Fact]
    public void The_table_in_the_document_is_up_to_date() => GeneratedDoc.Check(Document, "coverage",
    [
        "| rule | what | source | recordings that come to it | without it rejected by |",
        "| --- | --- | --- | --- | --- |",
        .. CoverageTable.Rows.Select(Row),
    ]);

    private static string Row(Rule rule)
    {
        var reached = s_reports.Value.Where(r => CoverageTable.Uses(rule, r.Report) > 0).Select(r => Short(r.Recording))
            .ToList();
        var guards = rule.Without is null ? ["the mutations"] : RejectedBy(rule).Select(Short).ToList();
        return $"| {rule.Id} | {rule.What} | {rule.Source} | {List(reached)} | {List(guards)} |";
    }

    private static IEnumerable<Recording> RejectedBy(Rule rule) =>
        s_reports.Value.Where(r => r.Report.Rules.ContainsKey(rule.Name) || rule == Rules.EntryOrder
            || rule == Rules.A9OneAtATime || rule == Rules.A1CanDo)
            .Select(r => r.Recording).Where(r => r.Check(rule).Verdict == ConformVerdict.Rejected);

    private static string Short(Recording recording) => recording.Name.Replace("k6.12-", "", StringComparison.Ordinal)
        .Replace("-s", " s", StringComparison.Ordinal).Split('_')[0];

    private static string List(List<string> names) => names.Count switch
    {
        0 => "none",
        > 6 => $"{names.Count} of {Recording.All.Count}",
        _ => string.Join(", ", names.Distinct()),
    };
}
