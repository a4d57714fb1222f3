using System.IO.Compression;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using UapiLab.Tests;
using System.Text.Json;
using Xunit;

namespace UapiLab.Cli.Tests;

public sealed class ConformTests
{
    internal const string Good =
        "x-1 [000] ..... 1.000000: kvm_entry: vcpu 0, rip 0x1\nx-1 [000] ..... 1.000001: kvm_exit: vcpu 0 reason io "
            + "rip 0x1\n";
    internal const string Bad = Good + "x-1 [000] ..... 1.000002: kvm_exit: vcpu 0 reason io rip 0x1\n";

    [Fact]
    public async Task A_trace_that_the_machine_explains_is_accepted_with_exit_0()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("good.trace", Good));

        Assert.Equal(0, outcome.Exit);
        Assert.Contains("good.trace: accepted", outcome.Out, StringComparison.Ordinal);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public async Task A_rejected_trace_is_exit_1_with_event_rule_and_state()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("bad.trace", Bad));

        Assert.Equal(1, outcome.Exit);
        Assert.Contains("bad.trace: rejected at event 3 (line 3)", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("rule     T1", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("before   vcpu 0: in KVM (another exit)", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_the_verdict_of_each_trace()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("good.trace", Good), line.Write("bad.trace", Bad),
            "--json");

        Assert.Equal(1, outcome.Exit);
        using var json = JsonDocument.Parse(outcome.Out);
        var traces = json.RootElement.GetProperty("traces").EnumerateArray().ToList();
        Assert.Equal(["accepted", "rejected"], traces.Select(t => t.GetProperty("verdict").GetString()));
        Assert.Equal(3, traces[1].GetProperty("rejection").GetProperty("event").GetInt64());
    }

    /// <summary>A kernel's interface is in the BEGIN marker of its recording, and so is a simulated one.</summary>
    [Theory]
    [InlineData("userfault/uf-mt-u12_rebit", "single-bit:apf=off")]
    [InlineData("userfault/uf-ic-u3_async", "async-hint:inject=at-fault")]
    [InlineData("userfault/uf-mt-u10_exitless", "exitless")]
    [InlineData("kvm/k6.12-s1_apf_on", "stock")]
    public async Task The_marker_says_which_kernel_it_was(string recording, string machine)
    {
        var outcome = await CommandLine.Run("conform", RealTraceTests.Data(recording + ".trace.txt.gz"));
        Assert.Equal(0, outcome.Exit);
        Assert.Contains($"machine {machine};", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoding_of_somebody_else_is_bad_input()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("other.trace",
            "x-1 [000] ..... 0.900000: tracing_mark_write: BEGIN mine encoding=mine\n" + Good));
        Assert.Equal(2, outcome.Exit);
        Assert.Contains("other.trace: expected --encoding, or a BEGIN marker with an encoding of this lab",
            outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_simulated_run_is_a_trace_that_conform_accepts()
    {
        using var line = new CommandLine();
        var trace = line.Path("run.trace");
        Assert.Equal(0, (await CommandLine.Run("run", "exitless", "mixed:pages=5", "--write-trace", trace, "-q")).Exit);
        var outcome = await CommandLine.Run("conform", trace, "--diagnose");
        Assert.Equal(0, outcome.Exit);
        Assert.StartsWith("nothing waits at the end\n", outcome.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("machine exitless;", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prediction_is_in_the_json_with_its_answer()
    {
        var outcome = await CommandLine.Run("conform", RealTraceTests.Data("kvm/k6.12-s2_apf_off.trace.txt.gz"),
            "--predict", "--json");
        Assert.Equal(0, outcome.Exit);
        using var json = JsonDocument.Parse(outcome.Out);
        var prediction = json.RootElement.GetProperty("traces")[0].GetProperty("prediction");
        Assert.Equal("as predicted: 10 of 10 numbers", prediction.GetProperty("answer").GetString());
        Assert.Contains(prediction.GetProperty("numbers").EnumerateArray(), n =>
            n.GetProperty("name").GetString() == "kvm_exit, HLT" && n.GetProperty("verdict").GetString() == "agrees");
    }

    [Theory]
    [InlineData("conform")]
    [InlineData("conform", "no-such-file")]
    [InlineData("conform", "x", "--encoding", "no-such-encoding")]
    [InlineData("conform", "x", "--clock-tolerance", "-1")]
    [InlineData("conform", "--no-such-option")]
    public async Task Bad_input_is_one_line_and_exit_2(params string[] args)
    {
        var outcome = await CommandLine.Run(args);

        Assert.Equal(2, outcome.Exit);
        Assert.Empty(outcome.Out);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_has_the_events_as_steps_and_says_where_the_trace_was_rejected()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("good.trace", Good), line.Write("bad.trace", Bad),
            "--quiet", "--html", line.Path("page.html"), "--perfetto", line.Path("events.json"));
        Assert.Equal((1, "", ""), (outcome.Exit, outcome.Out, outcome.Error));

        IDocument page = await Page(line.Path("page.html"));
        Assert.Equal(["2 histories", "good.trace: accepted", "bad.trace: rejected"],
            page.QuerySelectorAll("h1").Select(h => h.TextContent));
        Assert.Equal(["1", "2", "1", "2", "3"],
            page.QuerySelectorAll(".step").Select(s => s.GetAttribute("data-step")));
        Assert.StartsWith("✗ Event 3, line 3, breaks rule T1. ",
            Assert.Single(page.QuerySelectorAll(".mark")).TextContent, StringComparison.Ordinal);
        Assert.Equal(["arrow entry left", "arrow trap right"],
            page.QuerySelectorAll("#h1-s1 .arrow, #h1-s2 .arrow").Select(a => a.ClassName));
        Assert.Empty(PerfettoReader.Complaints(await File.ReadAllTextAsync(line.Path("events.json"),
            TestContext.Current.CancellationToken), hasClock: true));
    }

    /// <summary>The last line before the cut, of those with this text the n-th; what the page says first, last, and in
    /// how many sentences.</summary>
    [Theory]
    [InlineData("kvm_async_pf_not_present:", 1, "the ready of token 0x1000 for gfn 0x10000.",
        "the ready of token 0x1000 for gfn 0x10000.", 1)]
    [InlineData("kvm_inj_exception: #PF", 1, "the ready of token 0x1000 for gfn 0x10000.",
        "the ready of token 0x1000 for gfn 0x10000.", 1)]
    [InlineData("kvm_entry: vcpu 0", 14, "the ready of token 0x1000 for gfn 0x10000, and so does a guest task.",
        "the ready of token 0x1000 for gfn 0x10000, and so does a guest task.", 1)]
    [InlineData("reason hlt", 1, "the ready of token 0x1000 for gfn 0x10000, and so does a guest task.",
        "an interrupt, in HLT, since 5.301606.", 9)]
    [InlineData("kvm_vcpu_wakeup:", 1,
        "the ready of token 0x1000 for gfn 0x10000, which has completed, and so does a guest task.",
        "the ready of token 0x8000 for gfn 0x10007, and so does a guest task.", 8)]
    [InlineData("kvm_inj_virq:", 3,
        "the ready of token 0x1000 for gfn 0x10000, which has completed, and so does a guest task.",
        "the guest to acknowledge token 0x2000; completed behind it: 0x1000, 0x4000.", 8)]
    public async Task A_page_says_who_waits_for_what_where_a_recording_breaks_off(
        string cut, int times, string first, string last, int count)
    {
        using var line = new CommandLine();
        string whole = Path.Combine(GeneratedDoc.Root(), "tests/data/traces/kvm/k6.12-s1_apf_on.trace.txt.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(whole), CompressionMode.Decompress));
        var lines = new List<string>();
        while (lines.Count(l => l.Contains(cut, StringComparison.Ordinal)) < times)
        {
            lines.Add((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!);
        }

        var outcome = await CommandLine.Run("conform", line.Write("cut.trace", string.Join('\n', lines) + "\n"),
            "--quiet", "--html", line.Path("page.html"));

        Assert.Equal((0, "", ""), (outcome.Exit, outcome.Out, outcome.Error));
        IDocument page = await Page(line.Path("page.html"));
        string[] waits = [.. page.QuerySelectorAll(".waits li").Select(w => w.TextContent)];
        Assert.Equal((count, "At the end vCPU 0 waits for " + first, "At the end vCPU 0 waits for " + last),
            (waits.Length, Wait(waits[0], first), Wait(waits[^1], last)));
        var lead = page.QuerySelector("header")!.TextContent;
        Assert.Matches(@"may be stuck: .* First sign at \d|No sign that anything is stuck: "
            + @"|waits for .*; no APF ended, so nothing says whether that is long\. .* First sign at \d", lead);
        Assert.Contains("Events a second: ", lead, StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll(".mark"));
        Assert.NotEmpty(page.QuerySelectorAll(".arrow.trap"));
    }

    /// <summary>A wait without what ends it, which is told too, and without since when if that is not asked.</summary>
    private static string Wait(string text, string asked)
    {
        var parts = text.Split("; what ends it: ");
        Assert.Equal(2, parts.Length);
        return (asked.Contains(", since ", StringComparison.Ordinal) ? parts[0] : parts[0].Split(", since ")[0]) + ".";
    }

    private static async Task<IDocument> Page(string path) =>
        BrowsingContext.New(Configuration.Default).GetService<IHtmlParser>()!.ParseDocument(
            await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));

    /// <summary>Cut while eight APFs are out, and watched for five seconds more.</summary>
    [Fact]
    public async Task The_page_of_a_stuck_guest_begins_with_it_and_speaks_of_frames_and_times_in_one_way()
    {
        using var line = new CommandLine();
        var lines = Lines("kvm/k6.12-s1_apf_on");
        lines = lines[..(lines.FindIndex(l => l.Contains("reason hlt", StringComparison.Ordinal)) + 1)];
        lines.Add("x-1 [000] ..... 99.000000: tracing_mark_write: still here");
        var outcome = await CommandLine.Run("conform", line.Write("stuck.trace", string.Join('\n', lines) + "\n"),
            "--diagnose", "--html", line.Path("page.html"));
        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));

        IDocument page = await Page(line.Path("page.html"));
        Assert.Equal("stuck.trace: accepted; vCPU 0 may be stuck", page.QuerySelector("h1")!.TextContent);
        var header = page.QuerySelector("header")!.TextContent;
        Assert.StartsWith("vCPU 0 may be stuck: it waits for the ready of token ",
            page.QuerySelector(".lead")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("VCPU", header, StringComparison.Ordinal);
        Assert.DoesNotContain("nd 1 more", header, StringComparison.Ordinal);
        Assert.Contains("and 1 more\n", outcome.Out, StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll(".waits li"),
            w => Assert.Matches(@", since \d+\.\d{6}; what ends it: ", w.TextContent));
        Assert.Contains("gfn 0x10000", page.QuerySelectorAll("[data-part=follow] option").Select(o => o.TextContent));
        Assert.DoesNotContain("gfn 65536", await File.ReadAllTextAsync(line.Path("page.html"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_traces_each_diagnosis_follows_the_name_of_its_file()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("a.trace", Good), line.Write("b.trace", Good),
            "--diagnose");
        var said = outcome.Out.ReplaceLineEndings("\n").Split('\n').Where(l => !l.StartsWith(' ')).ToArray();

        Assert.Matches("a.trace: accepted$", said[0]);
        Assert.Equal("nothing waits at the end", said[1]);
        Assert.Matches("b.trace: accepted$", said[Array.LastIndexOf(said, "nothing waits at the end") - 1]);
    }

    /// <summary>The last lines of a real trace may all be of kinds that are counted only.</summary>
    [Fact]
    public async Task A_part_in_which_nothing_is_explained_is_too_short_to_be_the_reduced_trace()
    {
        using var line = new CommandLine();
        var lines = Lines("kvm/k6.12-s1_apf_on");
        var ready = lines.FindIndex(l => l.Contains("kvm_async_pf_ready", StringComparison.Ordinal));
        lines.Insert(ready, lines[ready]);
        lines.InsertRange(ready + 1, Enumerable.Repeat(lines.First(l =>
            l.Contains("kvm_unmap_hva_range", StringComparison.Ordinal)), 4));
        var reduced = line.Path("reduced.trace");
        var outcome = await CommandLine.Run("conform", line.Write("twice.trace", string.Join('\n', lines) + "\n"),
            "--reduce", reduced);
        var again = await CommandLine.Run("conform", reduced);

        Assert.Equal((1, 1), (outcome.Exit, again.Exit));
        Assert.Equal(Rule(outcome.Out), Rule(again.Out));
        static string Rule(string said) => Assert.Single(said.Split('\n'),
            l => l.StartsWith("  rule ", StringComparison.Ordinal));
    }

    private static List<string> Lines(string recording)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(
            RealTraceTests.Data(recording + ".trace.txt.gz")), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    [Fact]
    public async Task Coverage_lists_every_rule()
    {
        using var line = new CommandLine();
        var outcome = await CommandLine.Run("conform", line.Write("good.trace", Good), "--coverage", "--quiet");

        Assert.Equal(0, outcome.Exit);
        var table = File.ReadLines(Path.Combine(GeneratedDoc.Root(), "docs", "conform.md"))
            .SkipWhile(text => text != "<!-- generated: coverage -->").Skip(3)
                .TakeWhile(text => text != "<!-- end -->");
        var rows = table.Select(text => text.Split(" | ")).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Contains($" {row[1]} ({row[2]})", outcome.Out, StringComparison.Ordinal));
        Assert.Contains("no trace comes to it", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reduce_writes_a_shorter_trace_that_is_rejected_for_the_same_rule()
    {
        using var line = new CommandLine();
        var many = string.Concat(Enumerable.Range(0, 100)
            .Select(i => Good.Replace("1.0000", $"0.{i:d2}00", StringComparison.Ordinal))) + Bad;
        var reduced = line.Path("short.trace");
        var outcome = await CommandLine.Run("conform", line.Write("bad.trace", many), "--reduce", reduced, "--quiet");

        Assert.Equal(1, outcome.Exit);
        Assert.InRange(File.ReadAllLines(reduced).Length, 2, 8);
        var again = await CommandLine.Run("conform", reduced);
        Assert.Equal(1, again.Exit);
        Assert.Contains("rule     T1", again.Out, StringComparison.Ordinal);
    }
}
