using System.Globalization;
using System.Text.Json.Nodes;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Simulation;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Comparisons.Reports;

public sealed class ReportTests
{
    private const string LongName =
        "mixed-threads:pages=30,think=exp(1us,cap=10us),fetch=min(80us)+exp(20us,cap=400us),write=0.25";

    private static ComparisonReport Report { get; } = SmallPlan.Run(Plan(threads: 0));

    private static ComparisonPlan Plan(int threads)
    {
        var plan = SmallPlan.Make(
            ["never-async", "single-bit", "multi-bit:bits=8,layout=split,update=plain", "stuck", "oracle"],
            ["mixed-threads:pages=30", "all-sync:pages=30", LongName],
            threads: threads,
            side: true);
        var claim = SmallPlan.Claim("single-bit", "all-sync:pages=30", "notPresentInjected", Relation.Equal,
            3) with
        { Text = "a text \u2014 with a dash" };
        return plan with
        {
            Workloads = [plan.Workloads[0] with { Notes = ["Gastger\u00e4t, 3 \u00b5s | a * star <tag>"] },
                .. plan.Workloads.Skip(1)],
            Claims = [("0001-a", claim)],
            Expectations = [claim with { Id = "C1", Otherwise = "Here is why." }],
        };
    }

    [Fact]
    public void Text_is_72_columns_of_plain_ascii()
    {
        var text = TextReport.Write(Report);

        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            Assert.True(line.Length <= 72, line);
            Assert.All(line, c => Assert.InRange(c, ' ', '~'));
            Assert.Equal(line.TrimEnd(), line);
        }
    }

    [Fact]
    public void Text_has_every_part_in_its_order()
    {
        InOrder(TextReport.Write(Report),
            "\n   encoding ", "\nWhat breaks\n", "- stuck: ", "uapilab check stuck",
            "\nWhat is claimed and does not hold\n", "0001-a ", "\nWhat it rests on\n", Report.Command);
    }

    [Fact]
    public void Text_has_eighty_lines_however_much_there_is_to_say()
    {
        var claim = Report.Claims[0];
        var text = TextReport.Write(Report with
        {
            Claims = [.. Enumerable.Range(0, 200).Select(i => claim with { Source = Invariant($"source-{i}") })],
            InputErrors = [.. Enumerable.Range(0, 5).Select(i => Invariant($"error {i} ") + new string('e', 200))],
        });

        Assert.InRange(text.TrimEnd().Split('\n').Length, 60, TextReport.MostLines);
        Assert.Matches("\n- What is claimed and does not hold: [0-9]+ more in report.md\n", text);
        InOrder(text, "What it rests on", Report.Command);
    }

    [Fact]
    public void Markdown_has_one_title_the_verdict_first_and_every_part_in_its_order()
    {
        var text = MarkdownReport.Write(Report);

        Assert.StartsWith("# ", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line.StartsWith("# ", StringComparison.Ordinal));
        InOrder(text,
            "VIOLATION: stuck", "## Encodings", "## Workloads", "### mixed-threads:pages=30",
                "## Claims of the proposals", "## Expectations",
            "## Speed-up on", "## Break-even", "## Orderings that depend on costs", "## Costs",
                "## Method and threats");
    }

    [Fact]
    public void Every_report_begins_with_the_answer_and_its_table()
    {
        var answer = string.Join(' ', Report.Answer!.Sentences);
        var text = TextReport.Write(Report);
        var markdown = MarkdownReport.Write(Report);

        Assert.StartsWith(answer, text.Split("==\n\n")[1].ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.StartsWith(answer, markdown.Split("\n\n")[1].Replace("\\", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
        InOrder(text, "\n   encoding ", "\n 1 ", "\nWhat it rests on\n", "seed 7");
        InOrder(markdown, "\n| encoding ", "Seed 7", "## Encodings");
        var json = JsonNode.Parse(JsonReport.Write(Report, ReportContext.None))!["answer"]!;
        Assert.Equal(Report.Answer.Sentences, json["sentences"]!.AsArray().Select(s => (string)s!));
        Assert.Equal(Report.Answer.Preferred, json["preferred"]!.AsArray().Select(s => (string)s!));
    }

    [Fact]
    public void Own_variants_are_marked_in_every_report()
    {
        Assert.Contains("\n 1 single-bit* ", TextReport.Write(Report), StringComparison.Ordinal);
        Assert.Contains("multi-bit:bits=8,layout=split,update=plain (own variant, never posted)",
            MarkdownReport.Write(Report), StringComparison.Ordinal);
        var encodings = JsonNode.Parse(JsonReport.Write(Report, ReportContext.None))!["encodings"]!.AsArray();
        Assert.Equal([false, true, true, false, false], encodings.Select(e => (bool)e!["neverPosted"]!));
    }

    [Fact]
    public void Markdown_tables_keep_their_columns()
    {
        // A bar within a cell would add one.
        foreach (var table in MarkdownReport.Write(Report).Split("\n\n").Where(p => p.StartsWith('|')))
        {
            var columns = table.Trim().Split('\n')
                .Select(row => row.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')).Distinct();
            Assert.Single(columns);
        }
    }

    [Fact]
    public void Json_has_the_documented_layout()
    {
        var root = JsonNode.Parse(
            JsonReport.Write(Report, new([new("cores", "4")], [new("wallSeconds", 1.5m)])))!.AsObject();

        Assert.Equal(
            [
                "schemaVersion", "command", "seed", "seeds", "incomplete", "inputErrors", "internalErrors", "baseline",
                    "oracle", "answer",
                "encodings", "workloads", "cells", "policySearch", "claims", "expectations", "statements", "findings",
                "sweep", "breakEven", "stability", "costs", "runs", "method", "environment", "timing",
            ],
            root.Select(member => member.Key));
        Assert.Equal(1, (int)root["schemaVersion"]!);
        Assert.Equal(7UL, (ulong)root["seed"]!);
        var cell = root["cells"]!.AsArray().First(c => (string)c!["encoding"]! == "single-bit")!;
        Assert.Equal(
            [
                "encoding", "options", "workload", "policy", "policyRole", "predict", "metrics", "violations",
                "ownEvents", "faultLatencies", "error",
            ],
            cell.AsObject().Select(member => member.Key));
        Assert.Equal("repaired", (string)cell["options"]!["variant"]!);
        Assert.Equal(["mean", "low", "high"], cell["metrics"]!["faults"]!.AsObject().Select(member => member.Key));
        Assert.Equal(30, (decimal)cell["metrics"]!["faults"]!["mean"]!);
        Assert.Equal(0, (long)cell["violations"]!["lostWakeup"]!);
        Assert.Equal(1.5m, (decimal)root["timing"]!["wallSeconds"]!);
    }

    [Fact]
    public void Every_member_of_the_json_is_in_the_documentation()
    {
        var text = File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "docs", "report-format.md"));
        var root = JsonNode.Parse(JsonReport.Write(Report, ReportContext.None))!;
        string[] data =
        [
            .. Metric.OfRun.Concat(Metric.Violations).Concat(Metric.Derived).Select(m => m.Name),
            .. LatencyBuckets.Ends.Select(end => Invariant($"{end}")),
            .. CostTable.Default.Entries.Select(e => e.Name),
            .. Report.Encodings.SelectMany(e => e.OwnEvents).Select(e => e.Name),
            .. Report.Stability!.NamedPoints.Select(p => p.Key),
        ];

        var names = Names(root, "").Distinct().Except(data);

        Assert.All(names, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Json_survives_reading_and_writing()
    {
        var text = JsonReport.Write(Report, ReportContext.None);
        var again = JsonNode.Parse(text)!;

        Assert.True(JsonNode.DeepEquals(again, JsonNode.Parse(again.ToJsonString())));
        foreach (var (cell, node) in Report.Cells.Zip(again["cells"]!.AsArray()))
        {
            Assert.Equal(cell.Metrics.Keys.Select(m => m.Name), node!["metrics"]!.AsObject().Select(m => m.Key));
            foreach (var (metric, value) in cell.Metrics.Where(m => m.Value is not null))
            {
                var mean = (decimal)node["metrics"]![metric.Name]!["mean"]!;
                Assert.InRange(mean - value!.Value.Mean, -Math.Abs(mean) / 1e8m, Math.Abs(mean) / 1e8m);
            }
        }
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_number_of_threads()
    {
        Assert.Equal(All(SmallPlan.Run(Plan(threads: 1))), All(SmallPlan.Run(Plan(threads: 4))));
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_culture()
    {
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat = new NumberFormatInfo
        {
            NumberDecimalSeparator = ",",
            NumberGroupSeparator = ".",
            NegativeSign = "\u2212",
            PercentSymbol = "v.H."
        };
        var expected = All(Report);
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = german;
        try
        {
            Assert.Equal("1,5", 1.5m.ToString(german));
            Assert.Equal(expected, All(SmallPlan.Run(Plan(threads: 1))));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string All(ComparisonReport report) =>
        JsonReport.Write(report, ReportContext.None) + MarkdownReport.Write(report) + TextReport.Write(report);

    private static void InOrder(string text, params string[] parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            var next = text.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{part}' is missing, or before what it should follow");
            at = next + part.Length;
        }
    }

    /// <summary>Names of members, but not those of objects that are keyed by data.</summary>
    private static IEnumerable<string> Names(JsonNode? node, string name) => node switch
    {
        JsonObject when name is "options" or "environment" or "timing" => [],
        JsonObject o => o.SelectMany(member => Names(member.Value, member.Key).Prepend(member.Key)),
        JsonArray a => a.SelectMany(item => Names(item, name)),
        _ => [],
    };
}
