using UapiLab.Tests;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Tests.Uapi;

public sealed class LintTests
{
    private static readonly string[] s_probing = ["unknown-ioctl", "reserved-not-refused", "operation-not-refused"];

    public static IEnumerable<TheoryDataRow<int>> Numbers =>
        Enumerable.Range(0, BrokenSamples.All.Count).Select(i => new TheoryDataRow<int>(i));

    [Fact]
    public void The_sample_breaks_no_rule() => Assert.Empty(UapiLint.Check(new LintSubject(Samples.Clean)));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void What_is_really_wrong_is_found_where_it_is(int number)
    {
        var (rule, place, model) = BrokenSamples.All[number];

        Assert.Contains(UapiLint.Check(new LintSubject(model)), finding => finding.Rule == rule
            && finding.Place == place);
    }

    /// <summary>No rule that cannot fail.</summary>
    [Fact]
    public void Every_rule_was_seen_to_fail()
    {
        string[] rules = [.. UapiLint.Rules.Select(rule => rule.Id)];

        Assert.Distinct(rules);
        Assert.Equal(rules.Order(), BrokenSamples.All.Select(sample => sample.Rule).Concat(s_probing).Distinct()
            .Order());
        Assert.All(UapiLint.Rules,
            rule => Assert.False(string.IsNullOrWhiteSpace(rule.Doc) || string.IsNullOrWhiteSpace(rule.Source)));
    }

    [Fact]
    public void The_rules_are_those_of_the_page() =>
        GeneratedDoc.Check("docs/uapi.md", "rules", UapiLint.Rules.Select(rule =>
            $"| `{rule.Id}` | {rule.Severity} | {rule.Doc} | {rule.Source} |"));

    /// <summary>Ids of the errors that each variant has. Whoever changes an encoding's uAPI looks here.</summary>
    [Theory]
    [InlineData("single-bit:apf=off")]
    [InlineData("single-bit")]
    [InlineData("single-bit:variant=as-posted", "abi-reported", "compat-layout", "implicit-padding", "no-room-to-grow",
        "not-default-off", "not-discoverable")]
    [InlineData("multi-bit")]
    [InlineData("multi-bit:bits=4")]
    [InlineData("multi-bit:bits=8,layout=split")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    public void Built_in_encodings_have_the_errors_they_are_known_for(string name, params string[] rules)
    {
        IEnumerable<string> errors = UapiLint.Check(Headers.Named(name))
            .Where(finding => finding.Severity == Severity.Error).Select(finding => finding.Rule);

        Assert.Equal(rules, errors.Distinct().Order());
    }

    [Theory]
    [InlineData("kvm_run.memory_fault", "4 bytes of implicit padding at its end on x86-64")]
    [InlineData("kvm_run.memory_fault", "32 bytes on x86-64 and 28 on i386")]
    [InlineData("kvm_run.padding",
        "is char[252] instead of char[256]: the union keeps its 256 bytes, so that nothing moves; abidiff sees "
        + "another type")]
    public void The_async_pf_user_series_is_told_of_its_tail_and_of_its_padding(string place, string text) =>
        Assert.Contains(UapiLint.Check(Headers.Named("single-bit:variant=as-posted")), finding => finding.Place == place
            && finding.Text == text);
}
