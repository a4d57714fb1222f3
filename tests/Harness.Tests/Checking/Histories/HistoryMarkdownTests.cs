using System.Text.RegularExpressions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed partial class HistoryMarkdownTests
{
    [Fact]
    public void Markdown() => GoldenFile.Check("markdown", HistoryMarkdown.Write(SampleHistory.FourLanes));

    [Fact]
    public void An_ioctl_and_a_wake_are_messages_and_all_else_is_a_note()
    {
        var lines = Diagram(HistoryMarkdown.Write(SampleHistory.FourLanes));

        Assert.Equal(["7", "11"], lines.Where(l => l.Contains("->>", StringComparison.Ordinal))
            .Select(l => l.Split(": ")[1].Split(' ')[0]));
        Assert.Contains(lines, l => l.StartsWith("L2->>L0: 7 ioctl KVM_ASYNC_PF", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("L3->>L1: 11 wake vCPU 1", StringComparison.Ordinal));
        // ten steps and the marker
        Assert.Equal(11, lines.Count(l => l.StartsWith("Note over", StringComparison.Ordinal)));
    }

    [Fact]
    public void Who_is_woken_by_the_way_gets_a_message()
    {
        var woken = SampleHistory.FourLanes.Steps[10] with { Text = "completes" };
        var lines =
            Diagram(HistoryMarkdown.Write(
                SampleHistory.FourLanes with
                {
                    Steps =
                [.. SampleHistory.FourLanes.Steps.Take(10), woken, .. SampleHistory.FourLanes.Steps.Skip(11)]
                }));

        Assert.Contains("L3-->>L1: wakes it", lines);
    }

    [Theory]
    [InlineData("a; b # c: d", "a#59; b #35; c#58; d")]
    [InlineData("the end", "the #101;nd")]
    [InlineData("endless", "endless")]
    [InlineData("%% $$x$$ <b> {y} \"z\" `", "#37;#37; #36;#36;x#36;#36; #60;b#62; #123;y#125; #34;z#34; #96;")]
    [InlineData("line\nfeed", "line feed")]
    public void Mermaid_shows_every_character(string text, string expected) =>
        Assert.Equal(expected, MermaidText.Escaped(text));

    [Fact]
    public void Statements_of_the_diagram_are_well_formed_whatever_the_texts()
    {
        var odd = "x\n```\nend; #1 %% a->>b: |\\|\r\u2028$$";
        var history = SampleHistory.FourLanes with
        {
            Lanes = [odd, "vCPU 1;", "#", "end", ":"],
            Steps = [.. SampleHistory.FourLanes.Steps.Select(
                s => s with { Text = odd, Events = [odd], Changes = [new(odd, odd, odd)], Source = odd })],
        };

        var text = HistoryMarkdown.Write(history);

        Assert.All(Diagram(text), line => Assert.Matches(Statement(), line));
        Assert.Equal(2, text.Split('\n').Count(l => l.StartsWith("```", StringComparison.Ordinal)));
        var table = text.Split('\n').Where(l => l.StartsWith('|')).ToArray();
        Assert.Equal(2 + history.Steps.Count + 1, table.Length);
        Assert.All(table, row => Assert.Equal(7, row.Replace("\\\\", "", StringComparison.Ordinal)
            .Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')));
    }

    [Theory]
    [InlineData("a|b", "`a\\|b`")]
    [InlineData("a`b", "``a`b``")]
    [InlineData("`", "`` ` ``")]
    [InlineData("", "")]
    [InlineData("a\\|b", "<code>a\\\\\\|b</code>")]
    public void Code_is_fenced(string text, string expected) => Assert.Equal(expected, MarkdownText.Code(text));

    [Theory]
    [InlineData("userfault_bitmap", "userfault_bitmap")]
    [InlineData("_x_ *y* <b>", "\\_x\\_ \\*y\\* \\<b\\>")]
    public void Text_is_itself(string text, string expected) => Assert.Equal(expected, MarkdownText.Escaped(text));

    private static string[] Diagram(string markdown)
    {
        var lines = markdown.Split('\n').ToList();
        var from = lines.IndexOf("```mermaid");
        Assert.Equal("sequenceDiagram", lines[from + 1]);
        return [.. lines.Skip(from + 2).TakeWhile(l => l != "```").Select(l => l.Trim())];
    }

    /// <summary>What the writer may make of the language; within texts nothing but entities needs a hash or a
    /// semicolon.</summary>
    [GeneratedRegex(@"^(participant L\d as|Note over L\d(,L\d)?:|L\d--?>>L\d:) ([^#;:%$`{}<>""\\|&]|#\d+;)+$")]
    private static partial Regex Statement();
}
