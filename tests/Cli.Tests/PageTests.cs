using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Pages;
using UapiLab.Pages.Charts;
using UapiLab.Pages.Model;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>report.html, made from one small report that has every part.</summary>
public sealed partial class PageTests(PageTests.OneReport report) : IClassFixture<PageTests.OneReport>
{
    private const string Hostile = "<script>alert('x')</script>\"' onload=\"y";

    private readonly string _json = report.Json;
    private readonly string _html = report.Html;
    private readonly IDocument _page = Parsed(report.Html);

    /// <summary>The run that all of these tests look at.</summary>
    public sealed class OneReport : IAsyncLifetime
    {
        private static readonly Lazy<Task<(string Json, string Html)>> s_run = new(Run);

        internal static Task<(string Json, string Html)> Made => s_run.Value;

        internal string Json { get; private set; } = null!;

        internal string Html { get; private set; } = null!;

        public async ValueTask InitializeAsync() => (Json, Html) = await Made;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static async Task<(string Json, string Html)> Run()
        {
            using var line = new CommandLine();
            var outcome = await CommandLine.Run(
                "compare", "single-bit", "multi-bit", "async-hint", "--workload", "all-sync:pages=20", "--workload",
                "mixed-threads:pages=8", "--seeds", "2", "--quiet", "--out", line.Path("out"), "--proposals",
                line.Folder("proposals"));
            Assert.True(outcome.Exit == 0, outcome.Error);
            return (await File.ReadAllTextAsync(line.Path("out/report.json")),
                await File.ReadAllTextAsync(line.Path("out/report.html")));
        }
    }

    [Fact]
    public void The_answer_stands_first_and_every_part_of_the_report_follows()
    {
        string[] headings = [.. _page.QuerySelectorAll("h1, h2").Select(h => h.TextContent)];

        Assert.Equal(
            [
                "Which encoding?", "Speed-up by workload", "Needless APFs per 100 faults",
                "How long a fault takes", "What a fault costs, in parts", "Speed-up by accuracy of prediction",
                "From which fetch time on an APF pays", "Speed-up by mix, and the published 26 %",
                "Orderings that depend on costs", "In words", "The encodings",
                "What the results rest on", "Repeat it",
            ],
            headings);
        Assert.Equal(Text(_json, "answer", "sentences", "0"), _page.QuerySelector(".lead")!.TextContent);
        Assert.Equal(Text(_json, "command"), _page.QuerySelector("footer code")!.TextContent);
    }

    [Fact]
    public void The_ranked_table_marks_its_rows_by_words_and_signs_too()
    {
        JsonArray ranking = JsonNode.Parse(_json)!["answer"]!["ranking"]!.AsArray();
        IElement[] rows = [.. _page.QuerySelectorAll(".ranking tbody tr")];

        Assert.Equal(ranking.Select(r => (string)r!["label"]!),
            rows.Select(r => r.QuerySelector("th")!.ChildNodes[0].TextContent));
        Assert.All(rows.Where(r => r.ClassName == "best"), r => Assert.NotNull(r.QuerySelector(".tag")));
        Assert.All(_page.QuerySelectorAll(".ranking td.good"), c => Assert.EndsWith("★", c.TextContent, Ordinal));
        Assert.All(_page.QuerySelectorAll(".ranking td.bad"), c => Assert.EndsWith("▼", c.TextContent, Ordinal));
        Assert.NotEmpty(_page.QuerySelectorAll(".ranking .best"));
        Assert.NotEmpty(_page.QuerySelectorAll(".ranking td.bad"));
    }

    [Fact]
    public void Every_chart_has_marks_and_axes_and_a_name_and_says_what_to_see()
    {
        IElement[] charts = [.. _page.QuerySelectorAll("svg")];

        // Speed-up, latency and cost on two workloads each; one encoding that predicts; break-even, sweep.
        Assert.Equal(9, charts.Length);
        Assert.All(charts, chart =>
        {
            Assert.NotEmpty(chart.QuerySelectorAll("ellipse, rect, polygon, polyline"));
            Assert.NotEmpty(chart.QuerySelectorAll("polyline, path"));
            Assert.Contains(chart.QuerySelectorAll("text"), t => AxisTitle().IsMatch(t.TextContent));
            Assert.Equal("img", chart.GetAttribute("role"));
            Assert.NotEmpty(chart.GetAttribute("aria-label")!);
        });
        Assert.All(_page.QuerySelectorAll("figure"), f => Assert.NotEmpty(f.QuerySelector("figcaption")!.TextContent));
    }

    [Fact]
    public void The_numbers_of_every_chart_stand_in_a_table()
    {
        IElement numbers = _page.QuerySelectorAll("details").First(d =>
            d.QuerySelector("summary")!.TextContent.StartsWith("Numbers: mean speed-up", Ordinal));
        JsonArray cells = JsonNode.Parse(_json)!["cells"]!.AsArray();
        JsonNode cell = cells.First(c => (string)c!["encoding"]! == "async-hint"
            && (string)c["policyRole"]! == "common")!;
        var mean = (decimal)cell["metrics"]!["speedupOverNeverAsync"]!["mean"]!;

        Assert.Contains(Math.Round(mean, 2).ToString("0.00", CultureInfo.InvariantCulture)[..3],
            numbers.TextContent, Ordinal);
        Assert.Equal(8, _page.QuerySelectorAll("summary").Count(s => s.TextContent.StartsWith("Numbers", Ordinal)));
    }

    [Fact]
    public void A_latency_distribution_has_every_fault_and_is_drawn_and_told()
    {
        JsonNode json = JsonNode.Parse(_json)!;
        foreach (JsonNode? cell in json["cells"]!.AsArray())
        {
            JsonObject buckets = cell!["faultLatencies"]!.AsObject();
            long[] ends = [.. buckets.Select(b => long.Parse(b.Key, CultureInfo.InvariantCulture))];
            Assert.Equal(ends.Order(), ends);
            Assert.Subset(LatencyBuckets.Ends.ToHashSet(), ends.ToHashSet());
            Assert.Equal((decimal)cell["metrics"]!["faults"]!["mean"]! * json["seeds"]!.AsArray().Count,
                buckets.Sum(b => (long)b.Value!));
            decimal[] marks = [.. ((string[])["P50", "P90", "P99", "Max"])
                .Select(p => (decimal)cell["metrics"]!["faultLatencyNs" + p]!["mean"]!)];
            Assert.Equal(marks.Order(), marks);
        }

        PageModel model = PageModel.Of(Document(_json));
        foreach (LatencyPanel panel in model.Latencies)
        {
            IElement table = Assert.Single(_page.QuerySelectorAll("details"), d => d.QuerySelector("summary")!
                .TextContent.StartsWith($"Numbers: of 100 faults on {panel.Workload},", Ordinal));
            Assert.Equal(panel.Buckets.Count, table.QuerySelectorAll("tbody tr").Length);
            Assert.All(panel.Rows, r => Assert.Equal(1, r.Shares.Sum(s => s.Share), 9));
            IElement chart = Assert.Single(_page.QuerySelectorAll("svg"), s => s.GetAttribute("aria-label")
                == $"Fault latency of {panel.Rows.Count} encodings on {panel.Workload}");
            Assert.Equal(panel.Rows.Count, chart.QuerySelectorAll("polygon")
                .Count(p => p.GetAttribute("style")!.Contains("--faint", Ordinal)));
        }
    }

    [Fact]
    public void A_report_without_distributions_has_none_and_a_bucket_of_no_length_is_refused()
    {
        JsonNode json = JsonNode.Parse(_json)!;
        JsonNode cell = json["cells"]![0]!;
        cell["faultLatencies"] = new JsonObject { ["soon"] = 1 };
        Assert.Contains("expected the longest of a bucket in ns", Assert.Throws<InputException>(
            () => Write(json.ToJsonString())).Message, Ordinal);

        foreach (JsonNode? older in json["cells"]!.AsArray())
        {
            older!.AsObject().Remove("faultLatencies");
            older["metrics"]!.AsObject().Remove("faultLatencyNsP90");
        }

        IDocument page = Parsed(Write(json.ToJsonString()));
        Assert.DoesNotContain(page.QuerySelectorAll("summary"),
            s => s.TextContent.StartsWith("Numbers: of 100 faults", Ordinal));
        Assert.Equal(_page.QuerySelectorAll("svg").Length, page.QuerySelectorAll("svg").Length);
    }

    [Fact]
    public void Each_ordering_of_the_report_is_in_the_matrix_once()
    {
        OrderingMatrix matrix = PageModel.Of(Document(_json)).Orderings!;
        var stability = JsonNode.Parse(_json)!["stability"]!["rows"]!.AsArray();

        Assert.Equal(stability.Sum(r => (int)r!["orderedPairs"]!),
            (from a in matrix.Encodings from b in matrix.Encodings select matrix.Cell(a, b).Workloads).Sum());
        Assert.All(_page.QuerySelectorAll(".matrix td.tie, .matrix td.flip"), c =>
            Assert.Matches("within noise at|reversed by", c.GetAttribute("title")!));
        Assert.NotEmpty(_page.QuerySelectorAll(".matrix td.robust"));
    }

    [Fact]
    public void A_claim_that_does_not_hold_stands_before_the_others_with_what_was_measured()
    {
        static JsonNode Claim(string id, string verdict) => JsonNode.Parse(
            $$"""
            {
              "proposal": "0001-x", "id": "{{id}}", "text": "t", "verdict": "{{verdict}}", "metric": "exits",
              "per": "faults", "encoding": "a", "versus": "b", "by": "ratio", "workload": "w", "policy": "resolve",
              "relation": "<=", "value": 0.5, "tolerance": 0, "measured": { "mean": 0.7, "low": 0.6, "high": 0.8 },
              "reason": "", "otherwise": "why"
            }
            """)!;
        JsonNode json = JsonNode.Parse(_json)!;
        json["claims"] = new JsonArray(Claim("c1", "holds"), Claim("c2", "does not hold"));

        IDocument page = Parsed(Write(json.ToJsonString()));

        IElement section = page.QuerySelector("section[aria-labelledby=r1-claims]")!;
        Assert.Equal("1 hold, 1 does not hold.", section.QuerySelector("p")!.TextContent);
        Assert.Equal("✗ does not hold|0001-x c2: t. why|0.7000 [0.6000, 0.8000]|<= 0.5|"
            + "exits per faults of a / b on w, resolve",
            string.Join('|', section.QuerySelector("tbody tr")!.Children.Select(c => c.TextContent)));
        Assert.Contains("c1", section.QuerySelector("details")!.TextContent, Ordinal);
    }

    [Fact]
    public void The_page_needs_nothing_from_outside_and_is_small()
    {
        Assert.Empty(_page.QuerySelectorAll("script, link, img, iframe, object, embed, base, form"));
        Assert.All(_page.QuerySelectorAll("[href]"), a => Assert.StartsWith("#", a.GetAttribute("href")!, Ordinal));
        Assert.DoesNotMatch("url\\(|@import|http://|https://", _html);
        Assert.True(_html.Length < 2_000_000, $"{_html.Length} characters");
    }

    [Fact]
    public void A_link_inside_the_page_leads_somewhere_and_no_id_is_there_twice()
    {
        string?[] ids = [.. _page.QuerySelectorAll("[id]").Select(e => e.Id)];

        Assert.Equal(ids.Distinct(), ids);
        Assert.All(_page.QuerySelectorAll("a"), a => Assert.Contains(a.GetAttribute("href")![1..], ids));
        Assert.All(_page.QuerySelectorAll("[aria-labelledby]"), e =>
            Assert.Contains(e.GetAttribute("aria-labelledby"), ids));
        Assert.Equal("en", _page.DocumentElement.GetAttribute("lang"));
        Assert.Single(_page.QuerySelectorAll("main"));
    }

    [Fact]
    public void What_stands_in_the_report_is_text_and_never_markup()
    {
        string named = JsonValue.Create(Hostile).ToJsonString();
        JsonNode json = JsonNode.Parse(_json.Replace("\"async-hint\"", named, Ordinal)
            .Replace("\"all-sync:pages=20\"", named, Ordinal))!;
        ReplaceTexts(json);

        IDocument page = Parsed(Write(json.ToJsonString()));

        Assert.Empty(page.QuerySelectorAll("script, [onload]"));
        Assert.Contains(Hostile, page.QuerySelector(".lead")!.TextContent, Ordinal);
        Assert.Contains(page.QuerySelectorAll("svg text"), t => t.TextContent.StartsWith("<script>", Ordinal));
        Assert.Equal(_page.All.Length, page.All.Length);
    }

    [Fact]
    public void The_same_report_is_the_same_page_wherever_it_is_made()
    {
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var comma = (System.Globalization.CultureInfo)culture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            System.Globalization.CultureInfo.CurrentCulture = comma;
            Assert.Equal(_html, Write(_json));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }

        // What may differ between two runs of one command is not in the page.
        JsonNode json = JsonNode.Parse(_json)!;
        json["environment"] = new JsonObject { ["cores"] = "77" };
        json["timing"] = new JsonObject { ["wallSeconds"] = 77 };
        Assert.Equal(_html, Write(json.ToJsonString()));
    }

    [Fact]
    public void A_report_without_the_side_results_has_a_shorter_page()
    {
        JsonNode json = JsonNode.Parse(_json)!;
        foreach (string part in (string[])["sweep", "breakEven", "stability", "answer"])
        {
            json[part] = null;
        }

        json["cells"] = new JsonArray();

        IDocument page = Parsed(Write(json.ToJsonString()));

        Assert.Contains("no answer", page.QuerySelector(".lead")!.TextContent, Ordinal);
        Assert.Empty(page.QuerySelectorAll("svg"));
    }

    [Theory]
    [InlineData("", "r.json:1: expected a report.json, or what check --json")]
    [InlineData("{", "r.json:1: expected a report.json, or what check --json")]
    [InlineData("null", "r.json:1: expected a report.json, or what check --json")]
    [InlineData("[]", "r.json:1: expected a report.json, or what check --json")]
    [InlineData("{}", "r.json:1: expected a report.json, or what check --json")]
    [InlineData("{\"checks\":\n[7]}", "r.json:2: expected what check --json of this version wrote at $.checks[0]")]
    [InlineData("{\"workloads\": []}", "r.json:1: expected a report.json that compare of this version wrote")]
    [InlineData("{\"workloads\": [], \"schemaVersion\": \"1\"}", "at $.schemaVersion")]
    public void What_is_no_report_is_told_in_one_line(string json, string expected)
    {
        var error = Assert.Throws<InputException>(() => Write(json));

        Assert.Contains(expected, error.Message, Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("cells/0/encoding", "\"nobody\"", "there is no encoding 'nobody' in it")]
    [InlineData("answer/ranking/0/marks", "[]", "does not match its workloads")]
    [InlineData("sweep/rows/0/speedupOverNeverAsync", "[]", "does not match its values")]
    [InlineData("schemaVersion", "2", "schemaVersion is 2, expected 1")]
    [InlineData("answer/ranking/0/label", "null", "at $.answer.ranking[0]")]
    [InlineData("cells/0/predict", "1e99", "expected a number of at most 1e18 for 'predict'")]
    [InlineData("breakEven/highNs", "9223372036854775807", "expected a number of at most 1e18 for 'highNs'")]
    [InlineData("costs/0", "null", "expected no null in 'costs'")]
    public void A_report_that_contradicts_itself_is_refused(string path, string value, string expected)
    {
        var error = Assert.Throws<InputException>(() => Write(With(path, value)));

        Assert.Contains(expected, error.Message, Ordinal);
    }

    [Theory]
    [InlineData("cells/0/metrics/speedupOverNeverAsync/high", "1e18")]
    [InlineData("cells/0/metrics/speedupOverNeverAsync/low", "-1e18")]
    [InlineData("cells/0/metrics/faults/mean", "1e-28")]
    [InlineData("breakEven/highNs", "1000000000000000000")]
    [InlineData("breakEven/lowNs", "0")]
    [InlineData("sweep/values/0", "0")]
    [InlineData("sweep/published", "1e18")]
    [InlineData("sweep/values/5", "1e18")]
    public void Odd_numbers_make_an_odd_page_and_no_crash(string path, string value) =>
        Assert.StartsWith(ReportPage.Start, Write(With(path, value)), Ordinal);

    [Fact]
    public void A_colour_that_would_not_follow_light_and_dark_is_refused()
    {
        Assert.Equal("fill:none;stroke:var(--good);stroke-width:1",
            Ink.Replace("fill:none;stroke:rgb(3,0,1);stroke-width:1"));
        foreach (string colour in (string[])["rgb(3,0,2)", "black", "#1d2129", "rgba(3,0,1,0.5)"])
        {
            Assert.Throws<InvalidOperationException>(() => Ink.Replace($"fill:{colour}"));
        }
    }

    [Fact]
    public void Markup_is_taken_as_it_is_for_charts_and_scripts_alone()
    {
        string pages = Path.Combine(GeneratedDoc.Root(), "src", "Pages");
        IEnumerable<string> places =
            from file in Directory.EnumerateFiles(pages, "*", SearchOption.AllDirectories)
            where Path.GetExtension(file) is ".razor" or ".cs"
                && !Path.GetRelativePath(pages, file).StartsWith("obj", Ordinal)
            where RawMarkup().IsMatch(File.ReadAllText(file))
            select Path.GetFileName(file);

        Assert.Equal(["Chart.razor", "Code.cs"], places.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_plain_runtime_is_enough()
    {
        string config = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "uapilab.runtimeconfig.json"));

        Assert.Contains("Microsoft.NETCore.App", config, Ordinal);
        Assert.DoesNotContain("AspNetCore", config, Ordinal);
    }

    [Fact]
    public void Every_file_is_listed() => GeneratedDoc.Check("docs/report-format.md", "files",
        Compare.ReportFiles.All.Select(f => $"- `{f.File}`: {f.Doc}"));

    [Fact]
    public async Task Report_makes_the_page_of_compare_from_its_file_and_puts_several_into_one()
    {
        using var line = new CommandLine();
        string file = line.Write("a.json", _json);

        var one = await CommandLine.Run("report", file, "--html", line.Path("one.html"));
        var two = await CommandLine.Run("report", file, file, "--html", line.Path("one.html"), "--quiet");

        Assert.Equal((0, $"Report: {line.Path("one.html")}\n", ""), (one.Exit, one.Out, one.Error));
        Assert.Equal((0, "", ""), (two.Exit, two.Out, two.Error));
        IDocument page = Parsed(await File.ReadAllTextAsync(line.Path("one.html")));
        Assert.Equal(2, page.QuerySelectorAll("article").Length);
        string?[] ids = [.. page.QuerySelectorAll("[id]").Select(e => e.Id)];
        Assert.Equal(ids.Distinct(), ids);

        await CommandLine.Run("report", file, "--html", line.Path("again.html"));
        Assert.Equal(_html, await File.ReadAllTextAsync(line.Path("again.html")));
    }

    [Fact]
    public async Task Report_replaces_only_its_own_page_and_leaves_it_where_the_input_is_bad()
    {
        using var line = new CommandLine();
        string file = line.Write("a.json", _json);
        string other = line.Write("mine.html", "<!DOCTYPE html>\n<p>mine</p>\n");

        var kept = await CommandLine.Run("report", file, "--html", other);
        await CommandLine.Run("report", file, "--html", line.Path("ours.html"));
        string before = await File.ReadAllTextAsync(line.Path("ours.html"));
        var bad = await CommandLine.Run(
            "report", line.Write("b.json", "{\n\"x\": }"), "--html", line.Path("ours.html"));
        var none = await CommandLine.Run("report", line.Path("no.json"), "--html", line.Path("ours.html"));
        var nothing = await CommandLine.Run("report", "--html", line.Path("ours.html"));

        Assert.All([kept, bad, none, nothing], o => Assert.Equal((2, ""), (o.Exit, o.Out)));
        Assert.All([kept, bad, none, nothing], o => Assert.Equal(1, o.Error.Count(c => c == '\n')));
        Assert.Contains("mine.html: something else than a page of ours is there", kept.Error, Ordinal);
        Assert.Contains("b.json:2: expected a report.json, or what check", bad.Error, Ordinal);
        Assert.Equal("<!DOCTYPE html>\n<p>mine</p>\n", await File.ReadAllTextAsync(other));
        Assert.Equal(before, await File.ReadAllTextAsync(line.Path("ours.html")));
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    private static string Write(string json) => ReportPage.Write(("r.json", Encoding.UTF8.GetBytes(json)));

    private static ReportDocument Document(string json) =>
        (ReportDocument)ResultFile.Read(Encoding.UTF8.GetBytes(json), "r.json");

    internal static IDocument Parsed(string html)
    {
        IBrowsingContext context = BrowsingContext.New(Configuration.Default);
        return new HtmlParser(new HtmlParserOptions { IsStrictMode = true }, context).ParseDocument(html);
    }

    private static string Text(string json, params string[] path)
    {
        JsonNode node = JsonNode.Parse(json)!;
        foreach (string step in path)
        {
            node = int.TryParse(step, out int at) ? node[at]! : node[step]!;
        }

        return (string)node!;
    }

    private string With(string path, string value)
    {
        JsonNode root = JsonNode.Parse(_json)!;
        JsonNode node = root;
        string[] steps = path.Split('/');
        foreach (string step in steps[..^1])
        {
            node = int.TryParse(step, out int at) ? node[at]! : node[step]!;
        }

        if (int.TryParse(steps[^1], out int last))
        {
            node[last] = JsonNode.Parse(value);
        }
        else
        {
            node[steps[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString();
    }

    /// <summary>Puts something hostile into every text that decides nothing.</summary>
    private static void ReplaceTexts(JsonNode node)
    {
        string[] kept = ["policyRole", "verdict", "costs", "origin", "workload", "encoding", "faster", "slower", "name",
            "metric", "relation"];
        switch (node)
        {
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members.ToArray())
                {
                    if (value is JsonValue text && text.TryGetValue(out string? was) && !kept.Contains(name))
                    {
                        members[name] = name == "label" ? Hostile + was : Hostile;
                    }
                    else if (value is not null && name is not ("preferred" or "fastest" or "by" or "seeds"))
                    {
                        ReplaceTexts(value);
                    }
                }

                break;
            case JsonArray elements:
                for (int at = 0; at < elements.Count; at++)
                {
                    if (elements[at] is JsonValue text && text.TryGetValue(out string? _))
                    {
                        elements[at] = Hostile;
                    }
                    else if (elements[at] is { } element)
                    {
                        ReplaceTexts(element);
                    }
                }

                break;
            default:
                break;
        }
    }

    [GeneratedRegex("scale|cost of a fault|accuracy of prediction")]
    private static partial Regex AxisTitle();

    [GeneratedRegex(@"\bMarkupString\b|\bAddMarkupContent\b|\bHtmlString\b")]
    private static partial Regex RawMarkup();
}
