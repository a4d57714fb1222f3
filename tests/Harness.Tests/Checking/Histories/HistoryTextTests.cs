using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class HistoryTextTests
{
    [Fact]
    public void Terminal_with_four_lanes() =>
        GoldenFile.Check("terminal-120", HistoryText.Write(SampleHistory.FourLanes));

    [Fact]
    public void Narrow_terminal() => GoldenFile.Check("terminal-80", HistoryText.Write(SampleHistory.FourLanes, 80));

    [Fact]
    public void Wide_terminal() => GoldenFile.Check("terminal-200", HistoryText.Write(SampleHistory.FourLanes, 200));

    [Fact]
    public void Mail_with_four_lanes() =>
        GoldenFile.Check("mail-four-lanes", HistoryMail.Write(SampleHistory.FourLanes));

    [Fact]
    public void Mail_with_three_lanes() =>
        GoldenFile.Check("mail-three-lanes", HistoryMail.Write(SampleHistory.ThreeLanes));

    /// <summary>Of a page whose content is on its way to memory a mail would otherwise say that it is there.</summary>
    [Fact]
    public void Mail_says_that_a_store_stays_in_the_buffer_of_whoever_made_it()
    {
        var step = SampleHistory.FourLanes.Steps[4];
        Assert.Equal("places the content of gfn 1", step.Text);
        Assert.DoesNotContain("store buffer", HistoryMail.Write(SampleHistory.FourLanes), StringComparison.Ordinal);

        var weak = SampleHistory.FourLanes with
        {
            Steps = [.. SampleHistory.FourLanes.Steps.Select(s => s != step ? s
                : s with { Changes = [.. s.Changes, new("I/O thread 0.buffer[0].IsUsed", "no", "yes")] })],
        };
        Assert.Contains("places the content of gfn 1; still in the store buffer",
            string.Join(' ', HistoryMail.Write(weak).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HistoryText.SmallestWidth)]
    [InlineData(72)]
    [InlineData(100)]
    [InlineData(119)]
    [InlineData(300)]
    public void No_line_is_wider_than_the_terminal_and_nothing_is_cut(int width)
    {
        var text = HistoryText.Write(SampleHistory.FourLanes, width);

        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= width, line));
        HoldsEverything(SampleHistory.FourLanes, text);
    }

    [Fact]
    public void Mail_is_72_columns_of_ascii_without_tabs_whatever_the_texts()
    {
        var step = SampleHistory.FourLanes.Steps[0] with
        {
            Text = "Gastger\u00e4t \u2192 \u001b[31mred\u001b[0m\tand\r\na " + new string('x', 200),
            Source = new string('S', 90) + ".cs:1",
            Changes = [new(new string('f', 100), new string('b', 100), "\u2026")],
            Events = ["\u202ereversed \U0001F600"],
        };
        var odd = SampleHistory.FourLanes with
        {
            Steps = [step],
            Outcome = new string('o', 100),
            Lanes = [new string('L', 90), "b", "c", "d", "e"],
            Waiting = [new(0, "\t", null)]
        };
        foreach (var history in (History[])[odd,
            odd with { Steps = [step, step with { Lane = 1 }, step with { Lane = 2 }, step with { Lane = 3 }] }])
        {
            var text = HistoryMail.Write(history);
            Assert.All(text.Split('\n'), line => Assert.True(line.Length <= HistoryMail.Width, line));
            Assert.All(text.Replace("\n", "", StringComparison.Ordinal), c => Assert.InRange(c, ' ', '~'));
            Assert.True(text.TrimEnd().Split('\n').Length <= HistoryMail.MostLines, text);
        }
    }

    [Fact]
    public void A_mail_has_sixty_lines_however_many_steps_there_are_and_ends_as_the_history_does()
    {
        var steps = SampleHistory.FourLanes.Steps;
        var many = SampleHistory.FourLanes with
        {
            Steps = [.. Enumerable.Range(0, 300).Select(i => steps[i % steps.Count] with { Number = i + 1 })],
            InevitableFrom = 296,
        };
        var text = HistoryMail.Write(many);

        Assert.InRange(text.TrimEnd().Split('\n').Length, HistoryMail.MostLines - 2, HistoryMail.MostLines);
        Assert.Matches("\n\\.\\.\\. [0-9]+ steps\n", text);
        Assert.Contains("\n300 cpu0 ", text, StringComparison.Ordinal);
        Assert.Contains("\n== " + StepText.Inevitable, text, StringComparison.Ordinal);
    }

    /// <summary>Nothing is between the vCPU and its idle neighbour, whose boot takes as many steps.</summary>
    [Theory]
    [MemberData(nameof(FoundHistories.Names), MemberType = typeof(FoundHistories))]
    public void A_mail_begins_with_a_story_of_ten_lines_and_breaks_no_name(string name)
    {
        var history = FoundHistories.Get(name).History;
        var text = HistoryMail.Write(history);
        var lines = text.TrimEnd().Split('\n');

        Assert.InRange(Array.IndexOf(lines, ""), 3, 10);
        Assert.True(lines.Length <= HistoryMail.MostLines, text);
        Assert.Contains("first fault", text, StringComparison.Ordinal);
        Assert.Contains(Invariant($"step {history.InevitableFrom},"), string.Join('\n', lines[..10]),
            StringComparison.Ordinal);
        foreach (var word in Story.Of(history).Beats.SelectMany(b => b.Step.Text.Split(' ')).Where(w => w.Length < 50))
        {
            Assert.True(lines.Any(l => l.Contains(word, StringComparison.Ordinal))
                || lines.Any(l => l.StartsWith("... ", StringComparison.Ordinal)), word);
        }
    }

    [Fact]
    public void A_terminal_gets_no_control_characters()
    {
        var history = SampleHistory.FourLanes with
        {
            Outcome = "\u001b]0;title\u0007 \u202e \u0085 end",
            Lanes = ["\u001b", "b", "c", "d", "e"]
        };

        var text = HistoryText.Write(history);

        Assert.DoesNotContain(text, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.Contains("]0;title", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_without_steps_is_written_too()
    {
        var history = SampleHistory.FourLanes with { Steps = [], InevitableFrom = 0, Waiting = [], Lanes = [] };

        Assert.Contains(HistoryPage.NoStep, HistoryText.Write(history), StringComparison.Ordinal);
        Assert.Contains(HistoryPage.NoStep, HistoryMail.Write(history), StringComparison.Ordinal);
        Assert.Contains(HistoryPage.NoStep, HistoryMarkdown.Write(history), StringComparison.Ordinal);
        Assert.DoesNotContain("mermaid", HistoryMarkdown.Write(history), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_is_too_narrow_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => HistoryText.Write(SampleHistory.FourLanes, HistoryText.SmallestWidth - 1));

    [Fact]
    public void Short_names_of_lanes_are_different() =>
        Assert.Equal(
            ["cpu0", "cpu1", "io0", "kvm", "task3", "dev", "pre", "rearm", "kvm.2", "lane", "somet"],
            LaneNames.Short(["vCPU 0", "vCPU 1", "I/O thread 0", "KVM worker", "guest task 3", "device", "prefetcher",
                "re-arming thread", "KVM", "\u00fc", "something else"]));

    [Theory]
    [InlineData("", 10, 0, "")]
    [InlineData("one two three", 7, 0, "one two|three")]
    [InlineData("one two three", 7, 2, "one two|  three")]
    [InlineData("abcdefghij", 4, 0, "abcd|efgh|ij")]
    [InlineData("userfault_bitmap", 12, 0, "userfault_|bitmap")]
    [InlineData("* kvm_page_fault gfn", 10, 1, "* kvm_| page_| fault gfn")]
    [InlineData("a abcdefghij b", 4, 1, "a| abc| def| ghi| j b")]
    public void Texts_are_wrapped(string text, int width, int hang, string lines) =>
        Assert.Equal(lines.Split('|'), WordWrap.Broken(text, width, hang));

    /// <summary>Every word of every part is there, blanks, breaks and lines of life aside.</summary>
    private static void HoldsEverything(History history, string text)
    {
        foreach (var part in history.Steps.SelectMany(Parts))
        {
            // Columns interleave, so each word is looked for by itself, and a broken word by its pieces.
            foreach (var word in part.Split(' '))
            {
                var rest = word;
                while (rest.Length > 0)
                {
                    var length = Enumerable.Range(1, rest.Length)
                        .Last(n => n == 1 || text.Contains(rest[..n], StringComparison.Ordinal));
                    Assert.True(length >= Math.Min(rest.Length, 3), $"'{rest}' of '{part}' is missing");
                    rest = rest[length..];
                }
            }
        }
    }

    private static IEnumerable<string> Parts(HistoryStep step) =>
        [step.Text, .. StepText.Where(step), .. step.Changes.Select(StepText.Of), .. step.Events.Select(StepText.Of)];
}
