using Microsoft.Playwright;
using UapiLab.Pages;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>The page of a history in a browser, as <see cref="BrowserTests"/> has that of a report.</summary>
public sealed class ExplorerTests : IDisposable
{
    private const string Selected = "document.querySelector('[aria-current=step]').dataset.step";
    private const string Elements = "document.querySelectorAll('*').length";

    /// <summary>Rows without what JavaScript adds to those that are looked at.</summary>
    private const string Rows =
        """
        () => [...document.querySelectorAll('.step')].map(row => [row, ...row.querySelectorAll('*')].map(e => [
          e.tagName, e.id, e.className.replace(/ ?(selected|source|hit)/g, ''), e.getAttribute('href'), e.dataset.step,
          e.dataset.go, ['--at', '--from', '--to'].map(p => e.style.getPropertyValue(p)).join(),
          e.childElementCount === 0 ? e.textContent.trim() : ''].join('|')).join('\n'))
        """;

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task Keys_alone_lead_to_the_violation_and_everywhere_else()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await BrowserTests.Launch(playwright);
        foreach ((int width, ColorScheme scheme) in new[] { (390, ColorScheme.Light), (1280, ColorScheme.Dark) })
        {
            (IPage page, List<string> complaints) = await Open(browser, 60, width, scheme);
            async Task<string> After(string key)
            {
                await page.Keyboard.PressAsync(key);
                return await page.EvaluateAsync<string>(Selected);
            }

            string[] way = [];
            foreach (string key in (string[])["v", "n", "j", "k", "Home", "ArrowDown", "ArrowUp", "End"])
            {
                way = [.. way, await After(key)];
            }

            Assert.Equal(["60", "57", "58", "57", "1", "2", "1", "60"], way);
            Assert.True(await page.Locator(".selected .mark").IsVisibleAsync());
            Assert.StartsWith("Step 60 of 60: KVM", await page.Locator("[data-part=title]").TextContentAsync(),
                StringComparison.Ordinal);
            Assert.Equal(0, await page.EvaluateAsync<int>(
                "[...document.querySelectorAll('.arrow')].filter(a => 40 > a.getBoundingClientRect().width).length"));

            await page.Keyboard.PressAsync("/");
            await page.Keyboard.TypeAsync("ioctl");
            await page.Keyboard.PressAsync("Enter");
            Assert.Equal("6", await page.EvaluateAsync<string>(Selected));
            Assert.Equal("5 steps", await page.Locator("[data-part=found]").TextContentAsync());
            await page.Locator("[data-part=find]").FillAsync("");
            await page.Locator("[data-part=follow]").SelectOptionAsync(new SelectOptionValue { Label = "gfn 2" });
            await page.Locator(".diagram").FocusAsync();
            Assert.Equal("25", await After("Home"));
            Assert.Equal("27", await After("j"));

            Assert.Empty(complaints);
            Assert.Equal(width, await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
            Assert.Empty(await page.EvaluateAsync<string[]>(BrowserTests.Faint));
            await page.CloseAsync();
        }
    }

    [Fact]
    public async Task The_words_beside_the_diagram_are_those_after_the_step_forward_and_back()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await BrowserTests.Launch(playwright);
        (IPage page, _) = await Open(browser, 60, 1280, ColorScheme.Light);
        var values = new List<string?>();
        foreach (int step in (int[])[4, 5, 10, 11, 6, 2])
        {
            await page.Locator($"#h1-s{step} .box").ClickAsync();
            values.Add(await page.Locator("[data-part=words] td").First.TextContentAsync());
        }

        Assert.Equal(["0x1", "0x0", "0x0", "0x1", "0x0", "0x1"], values);
        Assert.Equal("    2  two", await page.Locator("[data-part=source] .here").TextContentAsync());
    }

    [Fact]
    public async Task A_window_of_a_long_history_moves_and_never_grows_and_has_the_rows_of_the_page()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await BrowserTests.Launch(playwright);
        var most = new List<int>();
        foreach (int steps in (int[])[1_000, 100_000])
        {
            (IPage page, List<string> complaints) = await Open(browser, steps, 1280, ColorScheme.Light);
            int elements = 0;
            foreach (string key in (string[])["Tab", "v", "Home", "j", "End", "k", "n", "v"])
            {
                await page.Keyboard.PressAsync(key);
                elements = Math.Max(elements, await page.EvaluateAsync<int>(Elements));
            }

            Assert.Equal(Invariant($"{steps}"), await page.EvaluateAsync<string>(Selected));
            await page.Locator("[data-do=earlier]").ClickAsync();
            Assert.True(await page.Locator($"#h1-s{steps - 200}").IsVisibleAsync());
            Assert.Empty(complaints);
            most.Add(elements);
            await page.CloseAsync();
        }

        Assert.InRange(Math.Abs(most[0] - most[1]), 0, 60);
        Assert.InRange(most[1], 200, 2_500);

        (IPage made, _) = await Open(browser, 201, 1280, ColorScheme.Light);
        (IPage written, _) = await Open(browser, 201, 1280, ColorScheme.Light, isScripted: false);
        string[] rows = await written.EvaluateAsync<string[]>(Rows);
        await made.Keyboard.PressAsync("v");
        Assert.Subset((await made.EvaluateAsync<string[]>(Rows)).ToHashSet(), rows[^90..].ToHashSet());
    }

    [Fact]
    public async Task Play_steps_to_the_end_stops_there_and_keeps_still_where_motion_is_unwanted()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await BrowserTests.Launch(playwright);
        (IPage page, List<string> complaints) = await Open(browser, 24, 1280, ColorScheme.Light);
        await page.Clock.InstallAsync();
        ILocator button = page.Locator("[data-do=play]");
        async Task<string> After(int ms)
        {
            await page.Clock.RunForAsync(ms);
            return await page.EvaluateAsync<string>(Selected) + " " + await button.GetAttributeAsync("aria-pressed");
        }

        await page.Keyboard.PressAsync("v");
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("p");
        string[] way = [await After(0), await After(1_000)];
        await page.Keyboard.PressAsync("p");
        way = [.. way, await After(5_000)];
        await button.ClickAsync();
        way = [.. way, await After(1_000), await After(60_000)];
        await page.Keyboard.PressAsync("k");
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await page.Keyboard.PressAsync("k");
        await button.ClickAsync();
        way = [.. way, await After(5_000)];

        Assert.Equal(["21 true", "22 true", "22 false", "23 true", "24 false", "23 false"], way);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_step_in_one_run_of_a_pair_takes_the_other_to_where_as_much_was_seen()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        string file = _line.Path("pair.html");
        await CommandLine.Run("check", "single-bit", "--knowledge", "--html", file, "--out", _line.Path("out"));
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await BrowserTests.Launch(playwright);
        IPage page = await browser.NewPageAsync();
        await page.GotoAsync("file://" + file);
        var seen = new List<int[]>();
        await page.Locator(".pair .diagram").Nth(1).FocusAsync();
        foreach (string key in (string[])["Home", "j", "j", "j", "j", "j", "j", "j", "j", "j", "End", "k"])
        {
            await page.Keyboard.PressAsync(key);
            seen.Add(await page.EvaluateAsync<int[]>(
                """
                [...document.querySelector('.pair').querySelectorAll('.explorer')].map(e =>
                  JSON.parse(e.querySelector('script').textContent)
                    .seen[e.querySelector('[aria-current=step]').dataset.step - 1])
                """));
        }

        Assert.All(seen, s => Assert.Equal(s[1], s[0]));
        Assert.True(seen.Select(s => s[1]).Distinct().Count() > 3);
    }

    private async Task<(IPage Page, List<string> Complaints)> Open(IBrowser browser, int steps, int width,
        ColorScheme scheme, bool isScripted = true)
    {
        IBrowserContext context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 800 },
            ColorScheme = scheme,
            JavaScriptEnabled = isScripted,
        });
        IPage page = await context.NewPageAsync();
        string url = "file://" + _line.Write("history.html", HistoryPages.Write([MadeHistory.Of(steps)],
            _ => ["one", "two", "three", "four"]));
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => complaints.AddRange(request.Url == url ? [] : [request.Url]);
        await page.GotoAsync(url);
        return (page, complaints);
    }
}
