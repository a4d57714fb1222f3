using System.Text;
using Microsoft.Playwright;
using UapiLab.Pages;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>report.html in a browser. Nothing is downloaded: the browser is the one of the system. It takes seconds to
/// start, so <c>.ci/run</c> alone has it.</summary>
public sealed class BrowserTests(PageTests.OneReport report) : IClassFixture<PageTests.OneReport>, IDisposable
{
    /// <summary>Pairs of labels in one chart that lie on each other, and charts without marks.</summary>
    private const string Overlaps =
        """
        () => [...document.querySelectorAll('svg')].flatMap(svg => {
          const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
          const found = svg.querySelector('ellipse, polygon, rect') === null ? ['no mark in ' + svg.ariaLabel] : [];
          texts.forEach(([a, r], i) => texts.slice(i + 1).forEach(([b, s]) => {
            if (Math.min(r.right, s.right) - Math.max(r.left, s.left) > 1
                && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 3) {
              found.push(svg.ariaLabel + ': ' + a + ' / ' + b);
            }
          }));
          return found;
        })
        """;

    /// <summary>Texts whose colour is less than 4.5 : 1 from what is behind them (WCAG 2, AA).</summary>
    internal const string Faint =
        """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgb = colour => {
            canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const light = c => c.slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = e => {
            for (; e; e = e.parentElement) {
              const c = rgb(getComputedStyle(e).backgroundColor);
              if (c[3] > 250) { return c; }
            }
            return [255, 255, 255, 255];
          };
          const found = [];
          for (const e of document.querySelectorAll('body *')) {
            const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim() !== '');
            if (!own || e.closest('details:not([open])')) { continue; }
            const style = getComputedStyle(e);
            const [a, b] = [light(rgb(e.closest('svg') ? style.fill : style.color)), light(behind(e))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) {
              found.push(ratio.toFixed(2) + ' ' + e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30));
            }
          }
          return found;
        }
        """;

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData("report")]
    [InlineData("concerns", "check", "published")]
    public async Task The_page_shows_well_at_every_width_in_light_and_dark_and_asks_for_nothing(params string[] kinds)
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await Launch(playwright);
        string url = "file://" + _line.Write("report.html", kinds is ["report"] ? report.Html : await Page(kinds));
        var background = new HashSet<string>();
        foreach ((int width, ColorScheme scheme) in new[]
        {
            (390, ColorScheme.Light), (390, ColorScheme.Dark), (1280, ColorScheme.Light), (1280, ColorScheme.Dark),
        })
        {
            IPage page = await browser.NewPageAsync(new()
            {
                ViewportSize = new() { Width = width, Height = 800 },
                ColorScheme = scheme,
            });
            var complaints = new List<string>();
            page.Console += (_, message) => complaints.Add(message.Text);
            page.PageError += (_, error) => complaints.Add(error);
            page.Request += (_, request) => complaints.AddRange(request.Url == url ? [] : [request.Url]);

            await page.GotoAsync(url);

            Assert.Empty(complaints);
            Assert.Equal(width, await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
            Assert.Empty(await page.EvaluateAsync<string[]>(Overlaps));
            Assert.Empty(await page.EvaluateAsync<string[]>(Faint));
            background.Add(await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
            await page.CloseAsync();
        }

        Assert.Equal(2, background.Count);
    }

    [Fact]
    public async Task Details_open_by_keyboard_and_in_print()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await Launch(playwright);
        IPage page = await browser.NewPageAsync();
        await page.GotoAsync("file://" + _line.Write("report.html", report.Html));
        ILocator table = page.Locator("details table").First;
        Assert.False(await table.IsVisibleAsync());

        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.True(await table.IsVisibleAsync());
        await page.EmulateMediaAsync(new() { Media = Media.Screen });

        async Task<bool> IsAtSummary() =>
            await page.EvaluateAsync<string>("document.activeElement.tagName") == "SUMMARY";
        for (int tab = 0; tab < 60 && !await IsAtSummary(); tab++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        Assert.True(await table.IsVisibleAsync());
    }

    [Fact]
    public async Task A_cell_of_the_matrix_opens_its_evidence_by_keyboard()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.Chromium.Require();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await Launch(playwright);
        IPage page = await browser.NewPageAsync();
        await page.GotoAsync("file://" + _line.Write("concerns.html", await Page("concerns")));
        ILocator evidence = page.Locator(".evidence > div").First;
        Assert.False(await evidence.IsVisibleAsync());

        async Task<bool> IsAtCell() => await page.EvaluateAsync<bool>("document.activeElement.closest('td') !== null");
        for (int tab = 0; tab < 20 && !await IsAtCell(); tab++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(evidence).ToBeVisibleAsync();
    }

    private static async Task<string> Page(params string[] kinds) => ReportPage.Write([.. await Task.WhenAll(
        kinds.Select(async kind => (kind, new ReadOnlyMemory<byte>(
            Encoding.UTF8.GetBytes((await SchemaTests.Written(kind))[0])))))]);

    internal static Task<IBrowser> Launch(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = "/usr/bin/chromium",
        Args =
        [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
        ],
    });
}
