using System.Text;
using Microsoft.Playwright;
using UapiLab.Pages;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>The pages under axe-core, which looks for what keeps readers from a page.</summary>
public sealed class AccessibilityTests(PageTests.OneReport report) : IClassFixture<PageTests.OneReport>, IDisposable
{
    private const string Serious =
        """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
          .filter(v => ['serious', 'critical'].includes(v.impact))
          .map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' '))
        """;

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task Nothing_serious_keeps_a_reader_from_a_report_or_a_history()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        Tool.Axe.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await BrowserTests.Launch(playwright);
        IReadOnlyList<string> source = ["one", "two", "three", "four"];
        string history = HistoryPages.Write([MadeHistory.Of(60), MadeHistory.Of(300)], _ => source);
        string check = HistoryPages.Write(
            ("check --json", Encoding.UTF8.GetBytes((await SchemaTests.Written("check"))[0])),
            new([MadeHistory.Of(60)], [], _ => source));
        foreach (string html in (string[])[report.Html, history, check])
        {
            Assert.Empty(await Found(browser, html));
        }

        Assert.StartsWith("button-name ", Assert.Single(await Found(browser,
            history.Replace("aria-label=\"Step back\">◀ back", ">", StringComparison.Ordinal))),
            StringComparison.Ordinal);
    }

    /// <summary>In light and dark, wide and narrow.</summary>
    private async Task<IReadOnlyList<string>> Found(IBrowser browser, string html)
    {
        string url = "file://" + _line.Write("page.html", html);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((int width, ColorScheme scheme) in new[] { (390, ColorScheme.Dark), (1280, ColorScheme.Light) })
        {
            await using IBrowserContext context = await browser.NewContextAsync(new()
            {
                ViewportSize = new() { Width = width, Height = 800 },
                ColorScheme = scheme,
                BypassCSP = true, // for axe alone
            });
            IPage page = await context.NewPageAsync();
            await page.GotoAsync(url);
            await page.AddScriptTagAsync(new() { Path = Tool.AxeFile });
            found.UnionWith(await page.EvaluateAsync<string[]>(Serious));
        }

        return [.. found];
    }
}
