using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using UapiLab.Cli.Check;
using UapiLab.Cli.Ci;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Registry;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>Files for other tools (docs/ci.md): JUnit, SARIF, a summary, what changed since an older report.</summary>
public sealed class CiTests : IDisposable
{
    private const string Broken = "single-bit:variant=as-posted";

    private readonly CommandLine _line = new();

    private string[] Small { get; } = ["--workload", "all-sync:pages=20", "single-bit"];

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task A_check_writes_a_case_for_each_property_a_result_for_the_broken_one_and_a_summary()
    {
        var run = await CommandLine.Run("check", Broken, "--instance", "careless:vcpus=1,tasks=1", "--property",
            "unmatched-ready", "--no-liveness", "--out", _line.Path("out"), "--junit", _line.Path("ci/check.xml"),
            "--sarif", _line.Path("ci/check.sarif"), "--summary", _line.Path("ci/check.md"));
        var suites = XDocument.Load(_line.Path("ci/check.xml")).Root!;
        var one = Assert.Single(suites.Descendants("testcase"));

        Assert.Equal((1, ""), (run.Exit, run.Error));
        Assert.Equal(("testsuites", "1", "1"),
            (suites.Name.LocalName, (string)suites.Attribute("tests")!, (string)suites.Attribute("failures")!));
        Assert.Equal("unmatched-ready", (string)one.Attribute("name")!);
        Assert.Contains("complete the APF", one.Element("failure")!.Value, StringComparison.Ordinal);

        var result = Assert.Single(Results(await File.ReadAllTextAsync(_line.Path("ci/check.sarif"),
            TestContext.Current.CancellationToken)));
        Assert.Equal("unmatched-ready", (string)result["ruleId"]!);
        var summary = await File.ReadAllLinesAsync(_line.Path("ci/check.md"), TestContext.Current.CancellationToken);
        Assert.Equal("### uapilab check: failed", summary[0]);
        Assert.Contains("is broken: unmatched-ready", string.Join(' ', summary), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_property_shows_on_a_line_of_the_encoding_and_the_lines_on_the_way_to_it()
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(Broken);
        var outcome = Checker.Run(encoding, CheckInstance.Resolve("careless:vcpus=1,tasks=1"), new());
        var root = GeneratedDoc.Root();
        var result = Assert.Single(Results(
            CheckCi.Sarif([outcome], 0, new([Path.Combine(root, "src/Encodings/SingleBit")]))));
        var place = result["locations"]![0]!["physicalLocation"]!;
        var line = (int)place["region"]!["startLine"]!;
        var file = new Uri((string)place["artifactLocation"]!["uri"]!).LocalPath;

        Assert.EndsWith("src/Encodings/SingleBit/SingleBitKvmHalf.cs", file, StringComparison.Ordinal);
        Assert.InRange(line, 1, File.ReadLines(file).Count());
        Assert.True(result["codeFlows"]![0]!["threadFlows"]![0]!["locations"]!.AsArray().Count > 3);
    }

    [Fact]
    public async Task Findings_about_a_uapi_show_on_the_lines_of_a_plugin()
    {
        Assert.Equal(0, (await CommandLine.Run("new", _line.Path("my-idea"))).Exit);
        var source = _line.Path("my-idea/MyIdea.cs");
        var run = await CommandLine.Run("uapi", "my-idea", "--plugin", source, "--check", "--sarif",
            _line.Path("uapi.sarif"));
        var text = await File.ReadAllTextAsync(_line.Path("uapi.sarif"), TestContext.Current.CancellationToken);
        var results = Results(text);

        Assert.Equal(run.Out.Split('\n').Count(l => l.EndsWith(']')), results.Count);
        Assert.NotEmpty(results);
        Assert.All(results, r =>
        {
            var place = r["locations"]![0]!["physicalLocation"]!;
            Assert.Equal("file://" + source, (string)place["artifactLocation"]!["uri"]!);
            Assert.True((int)place["region"]!["startLine"]! >= 1);
            Assert.Contains($"[{(string)r["ruleId"]!}]", run.Out, StringComparison.Ordinal);
        });
        Assert.Contains(results, r => (int)r["locations"]![0]!["physicalLocation"]!["region"]!["startLine"]! > 1);
    }

    [Fact]
    public async Task A_comparison_writes_a_case_for_each_claim_and_says_in_its_summary_which_fails()
    {
        _line.Write("proposals/0001-x/proposal.json", """
            { "title": "T", "status": "draft", "encoding": "single-bit", "claims": [
              { "id": "fast", "text": "Never slower.", "metric": "speedupOverNeverAsync",
                "workload": "all-sync:pages=20", "relation": ">=", "value": 1 },
              { "id": "all", "text": "It injects.", "metric": "notPresentInjected", "workload": "all-sync:pages=20",
                "relation": ">", "value": 1 } ] }
            """);
        var run = await _line.Compare(
            [.. Small, "--junit", _line.Path("claims.xml"), "--summary", _line.Path("sum.md")]);
        var cases = XDocument.Load(_line.Path("claims.xml")).Descendants("testcase")
            .ToDictionary(c => (string)c.Attribute("classname")! + "/" + (string)c.Attribute("name")!);

        Assert.Equal(1, run.Exit);
        Assert.Contains("claimed >= 1", (string)cases["0001-x/fast"].Element("failure")!.Attribute("message")!,
            StringComparison.Ordinal);
        Assert.Empty(cases["0001-x/all"].Elements());
        Assert.Empty(cases["rules/single-bit"].Elements());
        var summary = await File.ReadAllTextAsync(_line.Path("sum.md"), TestContext.Current.CancellationToken);
        Assert.StartsWith("### uapilab compare: failed\n", summary, StringComparison.Ordinal);
        Assert.Contains("- 0001-x fast: ", summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changed_since_an_older_report_is_said_and_fails_if_asked()
    {
        Assert.Equal(0, (await _line.Compare(Small)).Exit);
        File.Copy(_line.Path("out/report.json"), _line.Path("old.json"));
        string[] against = [.. Small, "--against", _line.Path("old.json"), "--fail-if"];
        var same = await _line.Compare([.. against, "changed"]);

        Assert.Equal(0, same.Exit);
        Assert.Contains(": 0 of ", same.Out, StringComparison.Ordinal);

        var slower = await _line.Compare(
            [.. against, "slower", "--host", "every-exit", "--summary", _line.Path("s.md")]);
        Assert.Equal(1, slower.Exit);
        Assert.Matches(@"- single-bit on all-sync:pages=20: [0-9.]+ % slower \(", slower.Out.ReplaceLineEndings(" "));
        var summary = await File.ReadAllTextAsync(_line.Path("s.md"), TestContext.Current.CancellationToken);
        Assert.Contains("slower", summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "expected a report.json that compare wrote: ")]
    [InlineData("{}", "expected a report.json that compare wrote: ")]
    [InlineData("[1]", "expected a report.json that compare wrote: ")]
    [InlineData("{\"seeds\":[1,2],\"cells\":[{}],\"claims\":[]}", "expected a report.json that compare wrote: ")]
    public async Task What_is_no_report_is_refused_before_anything_runs(string text, string told)
    {
        var run = await _line.Compare([.. Small, "--against", _line.Write("old.json", text)]);

        Assert.Equal((2, ""), (run.Exit, run.Out));
        Assert.StartsWith($"uapilab: {_line.Path("old.json")}: {told}", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--junit")]
    [InlineData("--sarif")]
    [InlineData("--summary")]
    public async Task A_file_of_somebody_else_is_not_overwritten(string option)
    {
        var mine = _line.Write("mine", "what I wrote");
        var run = await CommandLine.Run("check", "single-bit", "--quick", option, mine, "--out", _line.Path("out"));

        Assert.Equal((2, "", $"uapilab: {option} {mine}: expected a file that uapilab wrote, or none\n"),
            (run.Exit, run.Out, run.Error));
        Assert.Equal("what I wrote", await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_summary_has_twenty_lines_however_much_there_is()
    {
        var many = Enumerable.Range(0, 100).Select(i => Invariant($"a *point* {i}")).ToArray();
        foreach (var text in new[]
        {
            SummaryReport.Write("check", 1, ["An answer."], many), SummaryReport.Write("check", 3, many, many),
            SummaryReport.Write("check", 0, many, []),
        })
        {
            Assert.InRange(text.TrimEnd().Split('\n').Length, 1, SummaryReport.MostLines);
        }

        Assert.Contains("\n- and 85 more\n", SummaryReport.Write("check", 1, ["An answer."], many),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Junit_takes_any_text()
    {
        var text = JUnitReport.Write("x",
            [new("a\0<b>\u001b", "\ud800&\"", CiVerdict.Failed, "m\u0001", "]]> \ufffe")]);
        var one = XDocument.Parse(text).Descendants("testcase").Single();

        Assert.Equal("failure", one.Elements().Single().Name.LocalName);
    }

    /// <summary>Every step that names the program is a command line that it understands, and every file that a later
    /// step reads is written by an earlier one.</summary>
    [Fact]
    public void The_workflow_of_the_page_is_made_of_commands_that_parse()
    {
        var page = File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "docs", "ci.md"));
        var yaml = page.Split("```yaml\n")[1].Split("```")[0];
        var joined = yaml.Replace("\\\n", " ", StringComparison.Ordinal);
        var commands = Regex.Matches(joined, @"(?m)(?:run: |^ +)uapilab (.+)")
            .Select(m => Regex.Replace(m.Groups[1].Value.Trim(), " +", " ")).ToArray();
        var root = Commands.CommandTree.Build(Terminal.Plain(TextWriter.Null, TextWriter.Null));

        Assert.True(commands.Length >= 4, yaml);
        Assert.All(commands, c => Assert.True(root.Parse(c).Errors.Count == 0, c));
        foreach (var read in Regex.Matches(yaml, @"sarif_file: (\S+)").Select(m => m.Groups[1].Value))
        {
            Assert.Contains(commands, c => c.Contains($"--sarif {read}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_validator_finds_no_error_in_what_check_and_uapi_write()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Tool.SarifMultitool.Require();
        var check = _line.Path("check.sarif");
        var uapi = _line.Path("uapi.sarif");
        await CommandLine.Run("check", Broken, "--instance", "careless:vcpus=1,tasks=1", "--property",
            "unmatched-ready", "--no-liveness", "--quiet", "--out", _line.Path("out"), "--sarif", check);
        await CommandLine.Run("new", _line.Path("my-idea"));
        await CommandLine.Run("uapi", "my-idea", "--plugin", _line.Path("my-idea/MyIdea.cs"), "--check", "--sarif",
            uapi);
        var text = await File.ReadAllTextAsync(uapi, TestContext.Current.CancellationToken);
        var wrong = _line.Write("wrong.sarif", Regex.Replace(text, "\"startLine\": \\d+", "\"startLine\": 0"));

        Assert.Empty(Errors(check));
        Assert.Empty(Errors(uapi));
        Assert.Contains("JSON1008", Errors(wrong));

        string[] Errors(string file)
        {
            var found = _line.Path("found.sarif");
            var (exit, output, error) = Tool.Run(_line.Path("."), "",
                [.. Tool.SarifCommand, "validate", file, "--output", found, "--log", "ForceOverwrite"]);
            Assert.True(exit == 0, output + error);
            return [.. JsonNode.Parse(File.ReadAllText(found))!["runs"]![0]!["results"]!.AsArray()
                .Where(r => (string?)r!["level"] == "error").Select(r => (string)r!["ruleId"]!)];
        }
    }

    /// <summary>What the standard asks of a log, as far as this one uses it.</summary>
    private static IReadOnlyList<JsonNode> Results(string sarif)
    {
        var log = JsonNode.Parse(sarif)!;
        Assert.Equal("2.1.0", (string)log["version"]!);
        Assert.Contains("sarif-2.1.0", (string)log["$schema"]!, StringComparison.Ordinal);
        var run = Assert.Single(log["runs"]!.AsArray())!;
        var driver = run["tool"]!["driver"]!;
        Assert.Equal("uapilab", (string)driver["name"]!);
        var rules = driver["rules"]!.AsArray().Select(r => (string)r!["id"]!).ToArray();
        Assert.Equal(rules.Distinct(), rules);
        Assert.All(driver["rules"]!.AsArray(), r => Assert.NotEmpty((string)r!["shortDescription"]!["text"]!));
        var results = run["results"]!.AsArray().Select(r => r!).ToArray();
        Assert.All(results, r =>
        {
            Assert.Contains((string)r["ruleId"]!, rules);
            Assert.Contains((string)r["level"]!, (string[])["error", "warning", "note"]);
            Assert.NotEmpty((string)r["message"]!["text"]!);
            var location = Assert.Single(r["locations"]!.AsArray())!;
            Assert.NotEmpty((string)location["logicalLocations"]![0]!["fullyQualifiedName"]!);
        });
        return results;
    }
}
