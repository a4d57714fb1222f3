using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>What the command of the README shows, but for what follows from cost ranges, sweep and
/// break-even.</summary>
public sealed class DefaultCompareTests(DefaultCompareTests.OneRun run) : IClassFixture<DefaultCompareTests.OneRun>
{
    private readonly CommandLine.Outcome _outcome = run.Outcome;
    private readonly JsonNode _report = run.Report;

    /// <summary>The run that all of these tests look at.</summary>
    public sealed class OneRun : IAsyncLifetime
    {
        internal CommandLine.Outcome Outcome { get; private set; } = null!;

        internal JsonNode Report { get; private set; } = null!;

        internal string Mail { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            using var line = new CommandLine();
            Outcome = await CommandLine.Run("compare", "--out", line.Path("out"), "--cells-only",
                "--proposals", Path.Combine(GeneratedDoc.Root(), "proposals"));
            Report = JsonNode.Parse(await File.ReadAllTextAsync(line.Path("out/report.json")))!;
            Mail = await File.ReadAllTextAsync(line.Path("out/report.txt"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    [Fact]
    public void All_workloads_run_and_no_encoding_held_to_the_rules_breaks_one()
    {
        Assert.True(_outcome.Exit == 0, _outcome.Error);
        Assert.Equal(8, _report["workloads"]!.AsArray().Count);
        Assert.Equal(
            [
                "never-async", "userfaultfd", "kernel-apf", "single-bit:apf=off", "single-bit",
                    "single-bit:variant=as-posted", "multi-bit", "multi-bit:update=plain",
                "async-hint:inject=at-fault", "async-hint", "exitless", "oracle",
            ],
            _report["encodings"]!.AsArray().Select(e => (string)e!["name"]!));
    }

    [Fact]
    public void The_answer_and_its_table_fit_24_lines_of_80_columns_and_all_of_it_40()
    {
        var lines = _outcome.Out.TrimEnd().Split('\n');
        var page = string.Join('\n', lines).Split("\n\nClaims")[0].Split('\n');

        Assert.All(lines.Where(l => !l.Contains('/', StringComparison.Ordinal)), l => Assert.True(l.Length <= 80, l));
        Assert.True(Array.IndexOf(lines, "") <= 6, "the answer has more than six lines");
        Assert.True(page.Length <= 24, _outcome.Out);
        Assert.True(lines.Length <= 40, _outcome.Out);
    }

    /// <summary>Every default encoding is decided, and the sentence answers the first question of the thread.</summary>
    [Fact]
    public void The_first_page_says_whether_kvm_can_tell_and_what_a_synchronous_resolve_costs()
    {
        var tells = _report["answer"]!["ranking"]!.AsArray().DistinctBy(r => (string)r!["encoding"]!)
            .ToDictionary(r => (string)r!["encoding"]!, r => (string?)r!["canTell"]);
        var answer = _outcome.Out.Split("\n\n")[0].ReplaceLineEndings(" ");

        Assert.Equal("after injecting", tells["single-bit"]);
        Assert.Equal("yes", tells["async-hint"]);
        Assert.Equal(["does not arise", "does not arise"], [tells["userfaultfd"], tells["kernel-apf"]]);
        Assert.Null(tells["oracle"]);
        Assert.DoesNotContain("not decided", tells.Values);
        Assert.Contains("KVM can tell sync from async before it injects only with ", answer, StringComparison.Ordinal);
        Assert.Contains("With every fault resolved at once a run takes, against never-async, ", answer,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_for_a_mail_has_at_most_80_lines_of_72_columns()
    {
        var lines = run.Mail.TrimEnd().Split('\n');

        Assert.InRange(lines.Length, 40, 80);
        Assert.All(lines, l => Assert.True(l.Length <= 72, l));
        Assert.Contains("- multi-bit:update=plain* (reported as it comes out): readUnpopulated", run.Mail,
            StringComparison.Ordinal);
        Assert.StartsWith("  uapilab compare ", run.Mail.Split("\n\n")[^1], StringComparison.Ordinal);
    }

    /// <summary>The picture is older than the answer if this fails: eng/picture.sh makes it anew.</summary>
    [Fact]
    public void The_picture_shows_the_answer_of_the_readme()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(AnswerOfTheReadme()));
        Assert.Contains(
            $"\n<!-- answer in docs/report.png: {Convert.ToHexStringLower(hash)} -->\n", Readme(),
            StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(GeneratedDoc.Root(), "docs/report.png")));
    }

    /// <summary>The sentence on costs is left out: it takes the runs that this one does without.</summary>
    [Fact]
    public void The_readme_shows_what_is_printed()
    {
        var sample = AnswerOfTheReadme().Trim().Split("\n\n");
        var printed = _outcome.Out.Split("\n\n");

        Assert.Equal(printed[0].ReplaceLineEndings(" "), WithoutOrderings(sample[0].ReplaceLineEndings(" ")));
        Assert.Equal(printed[1], sample[1]);
        Assert.StartsWith(sample[2], printed[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Apfs_beat_exits_at_ten_milliseconds()
    {
        Assert.True(Mean("single-bit", "mixed-threads", "speedupOverNeverAsync") > 1.2m);
    }

    [Fact]
    public void All_sync_shows_who_injects_for_nothing()
    {
        foreach (var encoding in new[] { "single-bit", "async-hint:inject=at-fault" })
        {
            Assert.True(Mean(encoding, "all-sync", "notPresentInjected") >= 0.9m * Mean(encoding, "all-sync",
                "faults"));
            Assert.Equal(Mean(encoding, "all-sync", "notPresentInjected"), Mean(encoding, "all-sync", "backToBackApf"));
        }

        Assert.Equal(0, Mean("async-hint", "all-sync", "notPresentInjected"));
        Assert.Equal(0, Mean("multi-bit", "all-sync", "notPresentInjected", predict: 1));
        Assert.Equal(Mean("single-bit", "all-sync", "notPresentInjected"),
            Mean("multi-bit", "all-sync", "notPresentInjected", predict: 0));
    }

    [Fact]
    public void Intercepts_and_races_separate_the_encodings_or_the_report_says_why_not()
    {
        var expectations = _report["expectations"]!.AsArray();

        Assert.Contains(expectations, e => ((string)e!["id"]!).StartsWith("C3", StringComparison.Ordinal)
            && (string)e["verdict"]! == "holds");
        Assert.Contains(expectations, e => ((string)e!["id"]!).StartsWith("C4", StringComparison.Ordinal)
            && (string)e["verdict"]! == "holds");
        Assert.All(expectations.Where(e => (string)e!["verdict"]! == "does not hold"),
            e => Assert.NotEmpty((string)e!["otherwise"]!));
    }

    /// <summary>Where computing and fetching overlap fully the gain is (1 + m) / max(1, m), whatever the encoding does:
    /// a bound, and no claim.</summary>
    [Fact]
    public void The_bound_of_a_mix_is_not_claimed_as_a_gain()
    {
        var gains = _report["expectations"]!.AsArray().Where(c => (string)c!["metric"]! == "speedupOverNeverAsync"
            && ((string)c["workload"]!).StartsWith("mixed-threads", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(gains);
        Assert.All(gains, c => Assert.NotEqual("=", (string)c!["relation"]!));
    }

    /// <summary>The share of faults that are intercepts, not of faults for which KVM injects.</summary>
    [Fact]
    public void Faults_for_another_purpose_are_counted_apart_from_the_others()
    {
        var faults = Mean("single-bit", "intercept", "faults");

        Assert.InRange(Mean("single-bit", "intercept", "lateApf"), 0.25m * faults, 0.31m * faults);
        Assert.True(Mean("single-bit", "intercept", "notPresentInjected") > 0.9m * faults);
    }

    private static string Readme() => File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "README.md"));

    private static string AnswerOfTheReadme() =>
        Readme().Split("```text\n").Skip(1).Select(block => block.Split("```")[0])
            .Single(block => block.Contains("\n   encoding ", StringComparison.Ordinal));

    private static string WithoutOrderings(string answer) =>
        Regex.Replace(answer, @"[0-9]+ of [0-9]+ orderings[^.]*\. ", "");

    private decimal Mean(string encoding, string workload, string metric, decimal? predict = null) =>
        (decimal)_report["cells"]!.AsArray().Single(c =>
            (string)c!["encoding"]! == encoding && (string)c["workload"]! == workload
                && (string)c["policyRole"]! == "common"
            && (decimal?)c["predict"] == predict)!["metrics"]![metric]!["mean"]!;
}
