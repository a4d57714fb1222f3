using UapiLab.Tests;
using UapiLab.Harness.Machines;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>The table of rules itself, and the documents that are made from it.</summary>
public sealed class RulesTests
{
    private const string Document = "docs/model.md";

    public static TheoryData<string> Sections =>
        new(Enum.GetNames<RuleSection>().Except([nameof(RuleSection.Trace)]));

    [Fact]
    public void Rules_have_names_and_sources_of_their_own()
    {
        Assert.Distinct(Rules.All.Select(rule => rule.Name));
        Assert.Distinct(Rules.All.Where(rule => rule.Section != RuleSection.Trace).Select(rule => rule.Id));
        Assert.Distinct(Rules.All.Where(rule => rule.IsHeldToTraces).Select(rule => rule.Id));
        Assert.Distinct(Rules.Breakable.Select(rule => rule.Bit));
        Assert.All(Rules.All, rule => Assert.Matches("^(doc|seen|ours|follows)", rule.Source));
    }

    [Fact]
    public void A_rule_that_can_be_broken_says_who_notices() => Assert.All(Rules.Breakable, rule =>
        Assert.Single(new[] { rule.Without!.Seen?.ToString(), rule.Without.Covered, rule.Without.NotSimulated }
            .OfType<string>()));

    [Fact]
    public void A_rule_that_can_be_broken_is_kept_by_a_line_of_the_machine()
    {
        var folder = Path.Combine(GeneratedDoc.Root(), "src", "Harness");
        var source = string.Concat(
            Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.All(
            Rules.Breakable, rule => Assert.Contains($"Breaks(Rules.{rule.Name})", source, StringComparison.Ordinal));
    }

    [Fact]
    public void Sets_of_rules_are_read_as_they_are_written()
    {
        RuleSet both = (RuleSet)Rules.M5Zap | Rules.A1CanDo;
        Assert.Equal("A1CanDo, M5Zap", both.ToString());
        Assert.Equal(both, RuleSet.Parse(both.ToString()));
        Assert.Equal(RuleSet.None, RuleSet.Parse(null));
        Assert.Throws<ArgumentException>(() => (RuleSet)Rules.T1Alternate);
    }

    /// <summary>Simulations and traces have no kernel to choose: what they come to holds in every one.</summary>
    [Fact]
    public void What_not_every_kernel_keeps_is_reached_by_searches_alone()
    {
        var dated = Rules.All.Where(rule => rule.Kernels with { Condition = null } != KernelRange.Every).ToArray();
        Assert.Equal([Rules.A16KeepsQueue], dated);
        Assert.All(dated, rule =>
        {
            Assert.NotNull(rule.Without?.NotSimulated);
            Assert.NotNull(rule.Without?.NoRecording);
        });
    }

    [Theory]
    [InlineData("6.12")]
    [InlineData("6.18.15")]
    [InlineData("7.0")]
    [InlineData("7.3")]
    [InlineData("7.3.4")]
    public void A_kernel_is_read_as_it_is_written(string text) =>
        Assert.Equal(text, KernelVersion.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("6")]
    [InlineData("6.11.9")]
    [InlineData("7.4")]
    [InlineData("6.18-rc1")]
    [InlineData("6.+18")]
    [InlineData("6.18.3.1")]
    public void Any_other_is_not_known(string text) => Assert.Null(KernelVersion.Parse(text));

    [Theory]
    [MemberData(nameof(Sections))]
    public void The_tables_in_the_document_are_up_to_date(string section) =>
        GeneratedDoc.Check(Document, $"rules of {section}",
    [
        "| rule | what | source | Linux |",
        "| --- | --- | --- | --- |",
        .. Rules.All.Where(rule => rule.Section.ToString() == section)
            .Select(rule => $"| {rule.Id} | {Escaped(rule.Sentence)} | {rule.Source} | "
                + $"{(rule.Section == RuleSection.Vmm ? "any" : rule.Kernels)} |"),
    ]);

    [Fact]
    public void The_list_of_unguarded_rules_is_up_to_date() => GeneratedDoc.Check(Document, "unguarded rules",
    [
        "| rule | why no recording notices |",
        "| --- | --- |",
        .. from rule in Rules.Breakable
            where rule.Without!.NoRecording is not null
            group $"{rule.Id} (`{rule.Name}`)" by rule.Without!.NoRecording into rules
            select $"| {string.Join(", ", rules)} | {rules.Key} |",
    ]);

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
