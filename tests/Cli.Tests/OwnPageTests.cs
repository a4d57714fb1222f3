using System.Text;
using AngleSharp.Dom;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Pages;

namespace UapiLab.Cli.Tests;

/// <summary>The pages that <c>check</c> and <c>concerns</c> write themselves.</summary>
public sealed class OwnPageTests : IDisposable
{
    private const int MostCharacters = 2_000_000;

    private static readonly string[] s_broken =
    [
        "check", "single-bit:variant=as-posted", "--instance", "careless:vcpus=1,tasks=1", "--property",
        "unmatched-ready", "--no-liveness",
    ];

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task Without_a_history_the_page_of_a_check_is_what_report_makes_of_its_json()
    {
        var check = await CommandLine.Run("check", "never-async", "--instance", "tasks:vcpus=1,tasks=1", "--json",
            "--out", _line.Path("out"));

        Assert.Equal((0, ""), (check.Exit, check.Error));
        Assert.Equal(ReportPage.Write(("check.json", Encoding.UTF8.GetBytes(check.Out))), Read("out/report.html"));
    }

    [Fact]
    public async Task The_page_of_a_check_has_the_verdicts_and_below_them_the_histories_to_be_stepped_through()
    {
        var check = await CommandLine.Run([.. s_broken, "--out", _line.Path("out")]);

        Assert.Equal((1, ""), (check.Exit, check.Error));
        Assert.EndsWith($"Report: {_line.Path("out")}/report.html\n", check.Out, StringComparison.Ordinal);
        string html = Read("out/report.html");
        IDocument page = PageTests.Parsed(html);
        Assert.StartsWith(ReportPage.Start, html, StringComparison.Ordinal);
        Assert.Equal(["What can go wrong?", "unmatched-ready"], page.QuerySelectorAll("h1").Select(h => h.TextContent));
        Assert.Contains("✗ broken: unmatched-ready", page.QuerySelector("tbody tr")!.TextContent,
            StringComparison.Ordinal);
        Assert.Single(page.QuerySelectorAll("section .history .explorer"));
        Assert.Single(page.QuerySelectorAll("script:not([type])"));
        Assert.NotNull(page.QuerySelector("meta[http-equiv]"));
        string?[] ids = [.. page.QuerySelectorAll("[id]").Select(e => e.Id)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.QuerySelectorAll("a"), a => Assert.Contains(a.GetAttribute("href")![1..], ids));
        Assert.DoesNotMatch("url\\(|@import|http://|https://", html);
    }

    [Fact]
    public async Task A_page_goes_where_html_says_and_replaces_only_our_own()
    {
        string mine = _line.Write("out/report.html", "mine");
        var refused = await CommandLine.Run([.. s_broken, "--out", _line.Path("out")]);
        var concerns = await CommandLine.Run("concerns", "never-async", "C13", "--out", _line.Path("out"));
        var elsewhere = await CommandLine.Run([.. s_broken, "--quiet", "--out", _line.Path("out"), "--html",
            _line.Path("page.html")]);

        Assert.Equal((2, "", $"uapilab: --html {mine}: expected a file that uapilab wrote, or none\n"),
            (refused.Exit, refused.Out, refused.Error));
        Assert.Equal((2, "", $"uapilab: --out {mine}: expected a file that uapilab wrote, or none\n"),
            (concerns.Exit, concerns.Out, concerns.Error));
        Assert.Equal((1, "", ""), (elsewhere.Exit, elsewhere.Out, elsewhere.Error));
        Assert.Equal("mine", Read("out/report.html"));
        Assert.StartsWith(ReportPage.Start, Read("page.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histories_that_have_no_room_are_named_and_the_page_stays_below_2_MB()
    {
        byte[] json = Encoding.UTF8.GetBytes((await SchemaTests.Written("check"))[0]);
        string Page(params History[] histories) =>
            HistoryPages.Write(("check --json", json), new(histories, [], _ => null));

        string many = Page([.. Enumerable.Range(0, 30).Select(_ => MadeHistory.Of(100))]);
        string one = Page(MadeHistory.Of(20_000), MadeHistory.Of(10));

        IDocument page = PageTests.Parsed(many);
        Assert.Equal(15, page.QuerySelectorAll(".explorer").Length);
        Assert.Contains("There is no room for 15 of 30:", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.True(many.Length < MostCharacters, $"{many.Length} characters");
        Assert.Equal(1, PageTests.Parsed(one).QuerySelectorAll(".explorer").Length);
        Assert.Contains("There is no room for one of 2:", PageTests.Parsed(one).Body!.TextContent,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_concerns_is_what_report_makes_of_the_matrix()
    {
        var concerns = await CommandLine.Run("concerns", "never-async", "single-bit", "C13", "--out",
            _line.Path("out"));

        Assert.Equal("", concerns.Error);
        Assert.Equal(ReportPage.Write(("matrix.json", Encoding.UTF8.GetBytes(Read("out/matrix.json")))),
            Read("out/report.html"));
    }

    private string Read(string name) => File.ReadAllText(_line.Path(name));
}
