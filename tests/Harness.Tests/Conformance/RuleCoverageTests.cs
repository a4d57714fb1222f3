using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using Xunit;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>Which recordings hold the machine to which rule: a machine without the rule is rejected by them.</summary>
public sealed class RuleCoverageTests
{
    private const string Document = "docs/conform.md";

    /// <summary>Rules that no recording guards; docs/model.md says why of each.</summary>
    private static readonly BrokenRules[] s_unguarded =
    [
        BrokenRules.A5Halt, BrokenRules.A6Halt, BrokenRules.A10Unhalt, BrokenRules.A11Prefetch, BrokenRules.A13Interrupt, BrokenRules.A14Clear,
        BrokenRules.A15KeepPending, BrokenRules.GuestDummy, BrokenRules.GuestZeroesToken, BrokenRules.F1Snapshot, BrokenRules.F4Recheck,
        BrokenRules.M2SmallPages, BrokenRules.M5Zap, BrokenRules.M6Discard, BrokenRules.K5Flush,
        BrokenRules.R5WritesMsr, BrokenRules.V1ArmFirst,
    ];

    private static readonly Lazy<IReadOnlyList<(Recording Recording, ConformReport Report)>> s_reports = new(() => [.. Recording.All.Select(r => (r, r.Check()))]);

    public static TheoryData<string> Rules => new(Enum.GetValues<BrokenRules>().Where(r => r != BrokenRules.None).Select(r => r.ToString()));

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_machine_without_the_rule_is_rejected_unless_the_rule_is_listed(string name)
    {
        var rule = Enum.Parse<BrokenRules>(name);
        Assert.Equal(!s_unguarded.Contains(rule), RejectedBy(rule).Any());
    }

    [Fact]
    public void The_model_lists_the_unguarded_rules()
    {
        var text = File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "docs", "model.md"));
        var unguarded = text[text.IndexOf("## Unguarded rules", StringComparison.Ordinal)..];
        Assert.All(s_unguarded, rule => Assert.Contains($"`{rule}`", unguarded, StringComparison.Ordinal));
        Assert.All(Enum.GetValues<BrokenRules>().Where(r => r != BrokenRules.None).Except(s_unguarded), rule => Assert.DoesNotContain($"`{rule}`", unguarded, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_rule_has_a_name_and_a_source()
    {
        Assert.Equal(ConformRules.All.Count, ConformRules.All.Select(r => r.Name).Distinct().Count());
        Assert.All(ConformRules.All, rule => Assert.Matches("^(doc|seen)", rule.Source));
    }

    [Fact]
    public void The_table_in_the_document_is_up_to_date() => GeneratedDoc.Check(Document, "coverage",
    [
        "| rule | what | source | recordings that come to it | without it rejected by |",
        "| --- | --- | --- | --- | --- |",
        .. ConformRules.All.Select(Row),
    ]);

    private static string Row(ConformRule rule)
    {
        var reached = s_reports.Value.Where(r => rule.UsesIn(r.Report) > 0).Select(r => Short(r.Recording)).ToList();
        var guards = rule.Line == BrokenRules.None ? ["the mutations"] : RejectedBy(rule.Line).Select(Short).ToList();
        return $"| {rule.Name} | {rule.What} | {rule.Source} | {List(reached)} | {List(guards)} |";
    }

    private static IEnumerable<Recording> RejectedBy(BrokenRules rule) =>
        s_reports.Value.Where(r => r.Report.Rules.ContainsKey(rule.ToString()) || rule is BrokenRules.EntryOrder or BrokenRules.A9OneAtATime or BrokenRules.A1CanDo)
            .Select(r => r.Recording).Where(r => r.Check(rule).Verdict == ConformVerdict.Rejected);

    private static string Short(Recording recording) => recording.Name.Replace("k6.12-", "", StringComparison.Ordinal).Replace("-s", " s", StringComparison.Ordinal).Split('_')[0];

    private static string List(List<string> names) => names.Count switch
    {
        0 => "none",
        > 6 => $"{names.Count} of {Recording.All.Count}",
        _ => string.Join(", ", names.Distinct()),
    };
}
