using System.Text.Json.Nodes;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

public sealed class CompareTests : IDisposable
{
    private readonly CommandLine _line = new();

    private string[] Small { get; } = ["--workload", "mixed-threads:pages=20", "--workload", "all-sync:pages=20"];

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData(80)]
    [InlineData(100, "--details")]
    public async Task A_comparison_ends_with_an_answer_that_fits_the_terminal_and_four_reports(
        int width, params string[] more)
    {
        var outcome = await _line.Compare([.. Small, "single-bit", "multi-bit:bits=8,layout=split", .. more]);

        Assert.Equal(0, outcome.Exit);
        Assert.All(outcome.Out.Split('\n').Where(l => !l.Contains('/', StringComparison.Ordinal)),
            l => Assert.True(l.Length <= width, l));
        Assert.Contains("\n   encoding ", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(more.Length > 0, outcome.Out.Contains("own best policy", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', outcome.Out);
        foreach (var name in new[] { "never-async", "single-bit", "multi-bit:bits=8", "oracle",
            "own variant, never posted" })
        {
            Assert.Contains(name, outcome.Out, StringComparison.Ordinal);
        }

        foreach (var name in new[] { "report.json", "report.md", "report.txt", "report.html" })
        {
            Assert.True(File.Exists(_line.Path($"out/{name}")));
            Assert.Contains(name, outcome.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 80)]
    [InlineData(40, 60)]
    [InlineData(94, 94)]
    [InlineData(300, 100)]
    public void A_page_is_as_wide_as_the_terminal_within_reason(int columns, int width) =>
        Assert.Equal(width, Terminal.WidthOf(columns));

    [Fact]
    public async Task Json_on_standard_output_is_the_report()
    {
        var outcome = await _line.Compare([.. Small, "single-bit", "--json"]);

        Assert.Equal(File.ReadAllText(_line.Path("out/report.json")), outcome.Out);
        Assert.Equal(1, (int)JsonNode.Parse(outcome.Out)!["schemaVersion"]!);
    }

    [Fact]
    public async Task Quiet_prints_nothing()
    {
        var outcome = await _line.Compare([.. Small, "single-bit", "--quiet"]);

        Assert.Equal((0, "", ""), (outcome.Exit, outcome.Out, outcome.Error));
        Assert.True(File.Exists(_line.Path("out/report.txt")));
    }

    [Fact]
    public async Task Reports_are_the_same_bytes_whatever_the_number_of_threads()
    {
        string[] names = ["report.json", "report.md", "report.txt", "report.html"];
        async Task<string[]> Reports(string threads)
        {
            await _line.Compare([.. Small, "single-bit", "multi-bit", "--threads", threads, "--quiet"]);
            return [.. names.Select(n => WithoutTiming(File.ReadAllText(_line.Path($"out/{n}"))))];
        }

        Assert.Equal(await Reports("1"), await Reports("4"));
    }

    [Fact]
    public async Task The_command_in_the_report_repeats_it_and_says_seed_and_repetitions()
    {
        await _line.Compare([.. Small, "--quiet", "--threads", "2", "--policy", "wait(0ns)"]);

        var command = (string)JsonNode.Parse(File.ReadAllText(_line.Path("out/report.json")))!["command"]!;
        Assert.Equal(
            "uapilab compare --workload mixed-threads:pages=20 --workload all-sync:pages=20 "
            + $"--policy 'wait(0ns)' --proposals {_line.Path("proposals")} --seed 1 --seeds 2 --cells-only",
            command);
    }

    [Fact]
    public async Task Reference_points_are_added_to_named_encodings()
    {
        await _line.Compare([.. Small, "multi-bit", "--quiet"]);

        var encodings = JsonNode.Parse(File.ReadAllText(_line.Path("out/report.json")))!["encodings"]!.AsArray();
        Assert.Equal(["never-async", "multi-bit", "oracle"], encodings.Select(e => (string)e!["name"]!));
    }

    [Theory]
    [RepeatData(">", -1.5, 0)]
    [InlineData("<", -1.5, 1)]
    [InlineData("<", 0, 3)]
    public async Task A_claim_that_fails_exits_1_and_one_within_noise_3(string relation, double distance, int expected)
    {
        const string Workload = "mixed";
        var report = JsonNode.Parse((await _line.Compare(["single-bit", "--workload", Workload, "--json"])).Out)!;
        var mean = (double)report["cells"]!.AsArray()
            .First(c => (string)c!["encoding"]! == "single-bit")!["metrics"]!["speedupOverNeverAsync"]!["mean"]!;
        _line.Write("proposals/0001-x/proposal.json", $$"""
            { "title": "T", "status": "draft", "encoding": "single-bit", "claims": [
              { "id": "gain", "text": "A gain.", "metric": "speedupOverNeverAsync", "workload": "{{Workload}}",
                "relation": "{{relation}}", "value": {{(mean + distance).ToString(System.Globalization.CultureInfo.InvariantCulture)}} } ] }
            """);

        var outcome = await _line.Compare([.. Small, "single-bit"]);

        Assert.Equal(expected, outcome.Exit);
        Assert.Contains("Claims of the proposals:", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("0001-x gain", File.ReadAllText(_line.Path("out/report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_input_names_file_and_line()
    {
        var proposal = _line.Write("proposals/0001-x/proposal.json", "{\n  \"titel\": 1\n}\n");
        var outcome = await _line.Compare(Small);
        Assert.Equal(2, outcome.Exit);
        Assert.StartsWith($"uapilab: {proposal}:2: ", outcome.Error, StringComparison.Ordinal);
        File.Delete(proposal);

        var costs = _line.Write("costs.json", "{\n  \"vmExit\": -1\n}\n");
        outcome = await _line.Compare([.. Small, "--costs", costs]);
        Assert.Equal(2, outcome.Exit);
        Assert.StartsWith($"uapilab: {costs}:2: ", outcome.Error, StringComparison.Ordinal);

        var trace = _line.Write("trace.txt", "no trace at all\n");
        outcome = await _line.Compare(["--trace", trace]);
        Assert.Equal(2, outcome.Exit);
        Assert.StartsWith($"uapilab: {trace}:1: ", outcome.Error, StringComparison.Ordinal);

        var guest = _line.Write("guest.csv", "time,vcpu,gfn,write\n0.5,0,7,yes\n");
        outcome = await _line.Compare(["--trace", guest]);
        Assert.Equal(2, outcome.Exit);
        Assert.Equal($"uapilab: {guest}:2: expected `write` as 0 or 1\n", outcome.Error);

        outcome = await CommandLine.Run(["compare", .. Small, "--out", _line.Write("a-file", "") + "/below"]);
        Assert.Equal(2, outcome.Exit);
        Assert.Contains("expected a directory", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_is_compared_and_its_notes_are_told()
    {
        var trace =
            _line.Write("prog.lackey",
                string.Concat(Enumerable.Range(0, 200)
                .Select(i => $"I  04000000,3\n L {0x10000 + (i * 4096):x8},8\n")));

        var outcome =
            await _line.Compare(["single-bit", "--trace", trace, "--trace-options", "background=2,fetch=50us"]);

        Assert.Equal(0, outcome.Exit);
        Assert.Contains("note: trace:prog.lackey", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("trace:prog.lackey", outcome.Out, StringComparison.Ordinal);
        var cell = JsonNode.Parse(File.ReadAllText(_line.Path("out/report.json")))!["cells"]![0]!;
        Assert.Equal(201, (int)cell["metrics"]!["faults"]!["mean"]!); // 200 pages of data, one of code
    }

    [Fact]
    public async Task Counts_of_a_recording_that_are_zero_are_not_told()
    {
        var trace = RealTraceTests.Data("kvm/k6.12-s1_apf_on.trace.txt.gz");
        var outcome = await _line.Compare(["single-bit", "--trace", trace]);

        Assert.Equal(0, outcome.Exit);
        Assert.DoesNotMatch(@"[A-Za-z] 0[,.]", Assert.Single(outcome.Error.Split('\n'),
            line => line.Contains("The recording says: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_table_of_prices_and_the_baseline_are_told_for_what_they_are()
    {
        var outcome = await _line.Compare([.. Small, "--costs",
            _line.Write("h1.json", """{ "vmExit": { "ns": 600, "low": 500, "high": 700, "origin": "measured" } }""")]);
        var said = outcome.Out.ReplaceLineEndings(" ");

        Assert.Equal(0, outcome.Exit);
        var prices = Harness.Simulation.CostTable.Default.Entries.Count;
        Assert.Contains($"On this host 1 of {prices} prices are measured, by {_line.Path("h1.json")}", said,
            StringComparison.Ordinal);
        Assert.Contains("Speed-up over never-async, exit and block (", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_exits_3_and_writes_what_it_has()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        var error = new StringWriter();

        var exit = await Program.RunAsync(
            ["compare", "--out", _line.Path("out"), "--proposals", _line.Folder("none"), .. Small], TextWriter.Null,
            error, stopped.Token);

        Assert.Equal(3, exit);
        Assert.Contains("interrupted", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("NOT WHOLE", File.ReadAllText(_line.Path("out/report.md")), StringComparison.Ordinal);
    }

    private static string WithoutTiming(string report)
    {
        var at = report.IndexOf("\"environment\": {", StringComparison.Ordinal);
        return at < 0 ? report : report[..at];
    }
}
