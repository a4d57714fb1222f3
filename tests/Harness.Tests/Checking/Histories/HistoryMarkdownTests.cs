using System.Text.RegularExpressions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed partial class HistoryMarkdownTests
{
    [Fact]
    public void Markdown() => GoldenFile.Check("markdown", HistoryMarkdown.Write(SampleHistory.FourLanes));

    [Fact]
    public void What_passes_between_guest_kvm_and_vmm_is_an_arrow()
    {
        var lines = Diagram(HistoryMarkdown.Write(SampleHistory.FourLanes));

        Assert.Contains("participant K0 as KVM, vCPU 0", lines);
        Assert.Contains("G0->>K0: 1 kvm_page_fault gfn 1", lines);
        Assert.Contains("K0->>V0: 3 exit#58; kvm_userspace_exit gfn 1", lines);
        Assert.Contains(lines, l => l.StartsWith("O2->>K0: 7 ioctl KVM_ASYNC_PF", StringComparison.Ordinal));
        Assert.Contains("O3-->>G1: 11 wakes it", lines);
        Assert.DoesNotContain(lines, l => l.Contains(" 4 task 1", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(FoundHistories.Names), MemberType = typeof(FoundHistories))]
    public void The_diagram_of_a_found_history_has_arrows_and_parses(string name)
    {
        var history = FoundHistories.Get(name).History;
        var lines = Diagram(HistoryMarkdown.Write(history));
        var known = new HashSet<string>();
        foreach (var line in lines)
        {
            Assert.Matches(Statement(), line);
            if (line.StartsWith("participant ", StringComparison.Ordinal))
            {
                Assert.True(known.Add(line.Split(' ')[1]), line);
            }
            else
            {
                // Whoever is named has been declared, and nothing but a note is about oneself.
                var ids = Id().Matches(line.Split(':')[0]).Select(m => m.Value).ToArray();
                Assert.Subset(known, ids.ToHashSet());
            }
        }

        int Count(string what) => lines.Count(l => l.Contains(what, StringComparison.Ordinal));
        Assert.True(Count("Note over") <= history.Steps.Count / 2, string.Join('\n', lines));
        string[] kinds = name == "never-ready"
            ? ["kvm_page_fault", "exit#58; ", "KVM_RUN", "#35;PF ", "kvm_entry", "guest_hlt"] : ["kvm_page_fault"];
        Assert.All(kinds, kind => Assert.Contains(lines, l => l.Contains("->>", StringComparison.Ordinal)
            && l.Contains(kind, StringComparison.Ordinal)));
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
    [GeneratedRegex(@"^(participant [GKVO]\d as|Note over [GKVO]\d(,[GKVO]\d)?:|[GKVO]\d--?>>[GKVO]\d:) "
        + @"([^#;:%$`{}<>""\\|&]|#\d+;)+$")]
    private static partial Regex Statement();

    [GeneratedRegex(@"[GKVO]\d")]
    private static partial Regex Id();
}
