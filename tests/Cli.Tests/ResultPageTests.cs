using System.Text;
using System.Text.Json.Nodes;
using AngleSharp.Dom;
using UapiLab.Pages;

namespace UapiLab.Cli.Tests;

/// <summary>Pages of what <c>check</c>, <c>concerns</c> and <c>compare --published</c> wrote as JSON.</summary>
public sealed class ResultPageTests
{
    private const string Hostile = "<script>alert('x')</script>\"' onload=\"y";

    [Fact]
    public async Task Every_cell_of_the_matrix_leads_to_its_evidence()
    {
        var json = JsonNode.Parse((await SchemaTests.Written("concerns"))[0])!;
        var cells = json["cells"]!.AsArray();
        IDocument page = Page(json.ToJsonString());

        IElement[] links = [.. page.QuerySelectorAll(".concerns td a")];
        Assert.Equal(cells.Count, links.Length);
        foreach (var cell in cells)
        {
            var words = $"{cell!["concern"]} with {cell["encoding"]}: ";
            IElement link = Assert.Single(links,
                a => a.GetAttribute("aria-label")!.StartsWith(words, StringComparison.Ordinal));
            IElement evidence = page.QuerySelector(link.GetAttribute("href")!)!;
            Assert.Equal("details", evidence.ParentElement!.LocalName);
            Assert.Contains((string)cell["summary"]!, evidence.ParentElement.QuerySelector("summary")!.TextContent,
                StringComparison.Ordinal);
            Assert.All(cell["evidence"]!.AsArray(), e =>
                Assert.Contains((string)e!["text"]!, evidence.TextContent, StringComparison.Ordinal));
        }

        Assert.Equal((string)json["answer"]!["sentences"]![0]!, page.QuerySelector(".lead")!.TextContent);
        Assert.Contains(links, a => a.TextContent == "✗" && a.ParentElement!.ClassName == "flip");
    }

    [Fact]
    public async Task A_curve_is_drawn_with_its_crossings_and_stands_in_a_table()
    {
        var json = JsonNode.Parse((await SchemaTests.Written("concerns"))[0])!;
        var curves = (from cell in json["cells"]!.AsArray()
                      from evidence in cell!["evidence"]!.AsArray()
                      where evidence!["curve"] is not null
                      select evidence["curve"]!).ToArray();
        var kinds = curves.Select(c => (string)c["what"]! + c["parameter"]).Distinct().Count();
        IDocument page = Page(json.ToJsonString());

        Assert.Equal(kinds, page.QuerySelectorAll("svg").Length);
        Assert.Equal(kinds, page.QuerySelectorAll("summary").Count(s => s.TextContent.StartsWith("Numbers", Ordinal)));
        var crossing = curves.SelectMany(c => c["crossings"]!.AsArray()).First()!;
        Assert.Contains(page.QuerySelectorAll(".curves li"), li =>
            li.TextContent.Contains($" at {crossing["at"]}", Ordinal));
        Assert.Contains(page.QuerySelectorAll(".curves li"), li => li.TextContent.Contains("no crossing of", Ordinal));
        Assert.All(page.QuerySelectorAll("figcaption"), c => Assert.NotEmpty(c.TextContent));
    }

    [Fact]
    public async Task A_check_is_a_row_with_its_verdict_and_the_first_history_is_told()
    {
        var json = JsonNode.Parse((await SchemaTests.Written("check"))[0])!;
        var check = json["checks"]![0]!;
        var history = check["histories"]![0]!;
        IDocument page = Page(json.ToJsonString());

        Assert.Equal((string)check["encoding"]!, page.QuerySelector("tbody tr th")!.TextContent);
        Assert.Contains("✗ broken: ", page.QuerySelector("tbody tr")!.TextContent, Ordinal);
        Assert.Equal(history["story"]!.AsArray().Select(s => $"{s!["step"]} {s["by"]} {s["text"]}"),
            page.QuerySelectorAll(".story li").Select(li => string.Join(' ', li.Children.Select(c => c.TextContent))));
        Assert.NotEmpty(page.QuerySelectorAll(".story li"));
        Assert.Contains((string)history["outcome"]!, page.QuerySelector("p.bad")!.TextContent, Ordinal);
        Assert.Contains((string)history["file"]!, page.QuerySelector("code")!.TextContent, Ordinal);
        Assert.Equal(check["properties"]!.AsObject().Count,
            page.QuerySelectorAll("details tbody tr").Length);
    }

    [Fact]
    public async Task A_search_that_a_bound_ended_is_not_decided_and_what_KVM_can_know_is_a_table()
    {
        var documents = await SchemaTests.Written("check");

        Assert.Contains("? not decided: ", Page(documents[1]).QuerySelector("tbody tr")!.TextContent, Ordinal);
        Assert.Contains("C1", Page(documents[2]).QuerySelector("tbody")!.TextContent, Ordinal);
    }

    [Fact]
    public async Task Each_published_row_is_a_point_and_stands_in_the_table()
    {
        var json = JsonNode.Parse((await SchemaTests.Written("published"))[0])!;
        var rows = json["series"]!.AsArray().SelectMany(s => s!["rows"]!.AsArray()).ToArray();
        IDocument page = Page(json.ToJsonString());

        Assert.Equal(rows.Length, page.QuerySelector("details tbody")!.Children.Length);
        Assert.Equal(rows.Length, page.QuerySelectorAll("svg ellipse, svg polygon").Length);
        Assert.StartsWith((string)json["sentences"]![0]!, page.QuerySelector(".lead")!.TextContent, Ordinal);
    }

    [Fact]
    public async Task A_time_of_a_live_run_is_a_point_and_every_figure_stands_in_the_table()
    {
        var documents = await SchemaTests.Written("live");
        var json = JsonNode.Parse(documents[1])!;
        json["kvm"] = "emulated";
        IDocument page = Page(json.ToJsonString());

        Assert.Equal(2, page.QuerySelectorAll("svg ellipse").Length);
        Assert.Equal(json["rows"]!.AsArray().Count, page.QuerySelector("details tbody")!.Children.Length);
        Assert.All(page.QuerySelectorAll("h2, figcaption, summary"),
            e => Assert.Contains("KVM emulated in userspace", e.TextContent, Ordinal));
        Assert.Empty(Page(documents[0]).QuerySelectorAll("svg"));
    }

    [Fact]
    public async Task Several_kinds_stand_in_one_page()
    {
        using var line = new CommandLine();
        string[] files = [.. await Task.WhenAll(((string[])["report", "concerns", "check", "published"])
            .Select(async kind => line.Write(kind + ".json", (await SchemaTests.Written(kind))[0])))];

        var (exit, _, error) = await CommandLine.Run(["report", .. files, "--html", line.Path("all.html")]);

        Assert.True(exit == 0, error);
        var html = await File.ReadAllTextAsync(line.Path("all.html"));
        IDocument page = PageTests.Parsed(html);
        Assert.Equal(["Which encoding?", "Do the worries come true?", "What can go wrong?",
            "Does the model meet published measurements?"], page.QuerySelectorAll("h1").Select(h => h.TextContent));
        string?[] ids = [.. page.QuerySelectorAll("[id]").Select(e => e.Id)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.QuerySelectorAll("a"), a => Assert.Contains(a.GetAttribute("href")![1..], ids));
        Assert.True(html.Length < 2_000_000, $"{html.Length} characters");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("concerns")]
    [InlineData("published")]
    [InlineData("live")]
    public async Task What_stands_in_a_file_is_text_and_never_markup(string kind)
    {
        var json = JsonNode.Parse((await SchemaTests.Written(kind))[0])!;
        Replace(json);

        IDocument page = Page(json.ToJsonString());

        Assert.Empty(page.QuerySelectorAll("script, [onload]"));
        Assert.Contains(Hostile, page.Body!.TextContent, Ordinal);
    }

    [Theory]
    [InlineData("concerns", "cells/0/concern", "\"C99\"", "there is no concern 'C99' in it")]
    [InlineData("concerns", "cells/1", "cells/0", "stands there twice")]
    [InlineData("concerns", "schema", "2", "schema is 2, expected 1")]
    [InlineData("check", "checks/0/instance", "{}", "on an instance without a name")]
    [InlineData("check", "checks/0/properties/lost-wakeup", "null", "there is no value for 'lost-wakeup'")]
    [InlineData("published", "series/0/rows/0/published", "0", "no pages per second")]
    public async Task A_file_that_contradicts_itself_is_refused(string kind, string path, string value, string expected)
    {
        var json = JsonNode.Parse((await SchemaTests.Written(kind))[0])!;
        JsonNode At(IEnumerable<string> steps) => steps.Aggregate(json, (node, step) =>
            int.TryParse(step, out var at) ? node[at]! : node[step]!);
        var steps = path.Split('/');
        var changed = value.Contains('/') ? At(value.Split('/')).DeepClone() : JsonNode.Parse(value);
        var parent = At(steps[..^1]);
        if (int.TryParse(steps[^1], out var last))
        {
            parent[last] = changed;
        }
        else
        {
            parent[steps[^1]] = changed;
        }

        var error = Assert.Throws<UapiLab.Harness.Foundation.InputException>(() => Page(json.ToJsonString()));

        Assert.StartsWith("f.json: ", error.Message, Ordinal);
        Assert.Contains(expected, error.Message, Ordinal);
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    private static IDocument Page(string json) =>
        PageTests.Parsed(ReportPage.Write(("f.json", Encoding.UTF8.GetBytes(json))));

    /// <summary>Puts something hostile into every text that names nothing.</summary>
    private static void Replace(JsonNode node)
    {
        string[] kept = ["concern", "id", "encoding", "verdict", "at", "instance", "table", "what"];
        foreach (var (name, value) in node is JsonObject members ? members.ToArray() : [])
        {
            if (value is JsonValue text && text.TryGetValue(out string? _))
            {
                node[name] = kept.Contains(name) ? text.DeepClone() : Hostile;
            }
            else if (value is not null && name is not ("properties" or "concerns"))
            {
                Replace(value);
            }
        }

        foreach (var (at, value) in node is JsonArray elements ? elements.ToArray().Index() : [])
        {
            if (value is JsonValue text && text.TryGetValue(out string? _))
            {
                node[at] = Hostile;
            }
            else if (value is not null)
            {
                Replace(value);
            }
        }
    }
}
