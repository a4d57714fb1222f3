using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Pages;

namespace UapiLab.Cli.Tests;

/// <summary>The page of a history, as a reader without a script has it, and the commands that write it.</summary>
public sealed class HistoryPageTests : IDisposable
{
    private const string Hostile = "</script><script>alert('x')</script><!--\"' onload=\"y";
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Every_step_stands_in_the_lane_of_its_party_with_its_arrows()
    {
        IDocument page = Parsed(Page(MadeHistory.Of(24)));

        Assert.Equal(24, page.QuerySelectorAll(".step").Length);
        Assert.Equal(["guest", "KVM", "VMM", "I/O thread 0"],
            page.QuerySelectorAll(".heads > span").Skip(1).Select(h => h.ChildNodes[0].TextContent));
        string Row(int step) => string.Join('|', page.QuerySelector($"#h1-s{step}")!.Children
            .Select(c => $"{c.ClassName}: {c.TextContent.Trim()} {c.GetAttribute("style")}".Trim()));
        Assert.Equal("no: 13|box guest: guest runs --at:2|arrow trap right: kvm_page_fault gfn 1 --from:2;--to:4",
            Row(13));
        Assert.Contains("arrow word left: bitmap[0] = 0x0, stored in 5 --from:3;--to:6", Row(8), Ordinal);
        Assert.Contains("arrow interrupt left: interrupt kvm_inj_virq token 0x1000 --from:2;--to:4", Row(9), Ordinal);
        foreach (string kind in (string[])["trap", "exit", "run", "interrupt", "ioctl", "wake", "word"])
        {
            Assert.NotEmpty(page.QuerySelectorAll(".arrow." + kind));
        }

        Assert.Contains("no longer be avoided", page.QuerySelector("#h1-s21 .mark")!.TextContent, Ordinal);
        Assert.Contains("waits for ever", page.QuerySelector("#h1-s24 .mark")!.TextContent, Ordinal);
    }

    [Fact]
    public void The_lines_around_those_of_the_encoding_are_in_it_and_no_others()
    {
        JsonNode data = Data(Parsed(Page(MadeHistory.Of(24), file => file == "Made.cs"
            ? [.. Enumerable.Range(1, 40).Select(n => $"line {n}  ")] : null)));

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], data["sources"]!["Made.cs"]!.AsObject().Select(l => l.Key));
        Assert.Equal("line 2", (string)data["sources"]!["Made.cs"]!["2"]!);
    }

    [Fact]
    public void What_stands_in_a_history_is_text_and_never_markup_or_code()
    {
        IDocument page = Parsed(Page(MadeHistory.Of(24, Hostile), _ => [Hostile, Hostile, Hostile]));

        Assert.Equal([1, 1], [page.QuerySelectorAll("script[type='application/json']").Length,
            page.QuerySelectorAll("script:not([type])").Length]);
        Assert.Empty(page.QuerySelectorAll("[onload]"));
        Assert.Contains(Hostile, page.QuerySelector(".lead")!.TextContent, Ordinal);
        Assert.Equal("guest runs" + Hostile, (string)Data(page)["steps"]![0]!["text"]!);
    }

    [Fact]
    public async Task Two_runs_that_KVM_cannot_tell_apart_stand_side_by_side_with_what_it_has_seen()
    {
        string file = _line.Path("pair.html");
        CommandLine.Outcome outcome =
            await CommandLine.Run("check", "single-bit", "--knowledge", "--html", file, "--out", _line.Path("out"));
        Assert.Equal("", outcome.Error);

        IElement[] pairs = [.. Parsed(await File.ReadAllTextAsync(file)).QuerySelectorAll("section.runs")];
        Assert.Equal(["C1", "C3", "C4", "C5"], pairs.Select(p => p.QuerySelector("h3")!.TextContent[..2]));
        foreach (IElement pair in pairs)
        {
            int common = pair.QuerySelector("details > ol")!.ChildElementCount;
            int[][] seen = [.. pair.QuerySelectorAll("script").Select(s => JsonNode.Parse(s.TextContent)!["seen"]!
                .AsArray().Select(n => (int)n!).ToArray())];
            Assert.Equal(2, seen.Length);
            Assert.All(seen, s => Assert.Equal(s.Order(), s));
            Assert.Equal([common, common], seen.Select(s => s[^1]));
            Assert.All(pair.QuerySelectorAll(".history h1"),
                h => Assert.StartsWith("needed: ", h.TextContent, Ordinal));
        }
    }

    [Fact]
    public void Nothing_is_loaded_no_other_script_may_run_and_links_stay_inside()
    {
        string html = Page(MadeHistory.Of(24), MadeHistory.Of(30));
        IDocument page = Parsed(html);

        string code = page.QuerySelector("script:not([type])")!.TextContent;
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
        Assert.Equal($"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'",
            page.QuerySelector("meta[http-equiv]")!.GetAttribute("content"));
        Assert.Empty(page.QuerySelectorAll("link, img, iframe, object, embed, base, form"));
        Assert.DoesNotMatch("url\\(|@import|http://|https://", html);
        string?[] ids = [.. page.QuerySelectorAll("[id]").Select(e => e.Id)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.QuerySelectorAll("a"), a => Assert.Contains(a.GetAttribute("href")![1..], ids));
    }

    [Fact]
    public void The_same_history_is_the_same_page() =>
        Assert.Equal(Page(MadeHistory.Of(60)), Page(MadeHistory.Of(60)));

    [Fact]
    public void The_page_of_a_long_history_has_as_many_elements_as_that_of_a_longer_one()
    {
        int[] elements = [.. new[] { 1_000, 100_000 }.Select(steps => Parsed(Page(MadeHistory.Of(steps))))
            .Select(p => p.All.Length)];

        Assert.InRange(Math.Abs(elements[0] - elements[1]), 0, 60); // the window begins elsewhere in a round
        Assert.InRange(elements[1], 200, 2_500);
    }

    [Fact]
    public void Without_a_step_or_a_history_the_page_says_so()
    {
        Assert.Contains("No step is needed", Parsed(Page(MadeHistory.Of(0))).Body!.TextContent, Ordinal);
        Assert.Contains("No history", Parsed(Page()).Body!.TextContent, Ordinal);
    }

    [Fact]
    public async Task Check_and_replay_write_the_page_and_replace_only_their_own()
    {
        string html = _line.Path("pages/history.html");
        string again = _line.Path("again.html");
        var check = await CommandLine.Run("check", "single-bit:variant=as-posted", "--instance",
            "careless:vcpus=1,tasks=1", "--property", "unmatched-ready", "--no-liveness", "--quiet", "--out",
            _line.Path("out"), "--html", html);
        Assert.Equal((1, "", ""), (check.Exit, check.Out, check.Error));
        IDocument page = Parsed(await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken));
        Assert.Equal("What can go wrong?", page.QuerySelector("h1")!.TextContent);
        Assert.Equal("unmatched-ready", page.QuerySelector(".history h1")!.TextContent);
        foreach (string kind in (string[])["trap", "exit", "run", "ioctl"])
        {
            Assert.NotEmpty(page.QuerySelectorAll(".arrow." + kind));
        }

        string trace = Assert.Single(Directory.GetFiles(_line.Path("out"), "*.trace.json"));
        var replay = await CommandLine.Run("replay", trace, "--quiet", "--html", again);
        Assert.Equal((0, "", ""), (replay.Exit, replay.Out, replay.Error));
        Assert.Equal(page.QuerySelector(".history")!.OuterHtml,
            Parsed(await File.ReadAllTextAsync(again, TestContext.Current.CancellationToken))
                .QuerySelector(".history")!.OuterHtml);

        string mine = _line.Write("mine.html", "mine");
        Assert.Equal((2, "", $"uapilab: --html {mine}: expected a file that uapilab wrote, or none\n"),
            await CommandLine.Run("replay", trace, "--html", mine) is var refused
                ? (refused.Exit, refused.Out, refused.Error) : default);
        Assert.Equal(2, (await CommandLine.Run("check", "never-async", "--quick", "--html", mine)).Exit);
        Assert.Equal("mine", await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
    }

    private static string Page(params History[] histories) => HistoryPages.Write(histories, _ => null);

    private static string Page(History history, Func<string, IReadOnlyList<string>?> source) =>
        HistoryPages.Write([history], source);

    private static JsonNode Data(IDocument page) =>
        JsonNode.Parse(page.QuerySelector("script[type='application/json']")!.TextContent)!;

    private static IDocument Parsed(string html) =>
        BrowsingContext.New(Configuration.Default).GetService<IHtmlParser>()!.ParseDocument(html);
}
