using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Comparisons;

/// <summary>The rules of docs/report-format.md, "The answer", on reports that are made up.</summary>
public sealed class AnswerTests
{
    private const string Sync = "all-sync";
    private const string Mixed = "mixed";
    private const string PostCopy = "post-copy";

    private static readonly string[] s_kinds = [Sync, Mixed, PostCopy];

    [Fact]
    public void A_clear_winner_is_preferred_and_the_next_one_named_with_its_distance()
    {
        var answer = Answer(Report(s_kinds, Row("a", 100, 100, 100), Row("b", 110, 120, 130)));

        Assert.Equal(AnswerVerdict.Prefer, answer.Verdict);
        Assert.Equal(["a"], answer.Preferred);
        Assert.Equal("b", answer.Next);
        Assert.Equal("Prefer a: it takes no more time than the fastest on all-sync, mixed and post-copy; next is b, "
            + "up to 30 % behind the fastest (post-copy).", answer.Sentences[0]);
    }

    [Fact]
    public void It_is_the_workload_on_which_an_encoding_is_furthest_behind_that_decides()
    {
        var answer = Answer(Report(s_kinds, Row("a", 200, 100, 100), Row("b", 100, 110, 110)));

        Assert.Equal(["b"], answer.Preferred);
        Assert.Equal("Prefer b: it takes up to 10 % more time than the fastest (mixed); next is a, up to 100 % "
            + "behind the fastest (all-sync).", answer.Sentences[0]);
        Assert.Equal([(Sync, "b"), (Mixed, "a"), (PostCopy, "a")],
            answer.Workloads.Select(w => (w.Name, Assert.Single(w.Fastest))));
    }

    /// <summary>One more name than a list has elsewhere, and which they are is the answer.</summary>
    [Fact]
    public void Those_ranked_first_are_all_named_and_one_that_shows_what_goes_wrong_is_called_that()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Noisy("b", 90, 112, 103), Noisy("c", 91, 111, 103),
            Noisy("d", 92, 110, 103));
        report = report with
        {
            Encodings = [.. report.Encodings.Select(e => e with { ViolationsExpected = e.Name == "d" })],
        };

        Assert.Equal(["No clear winner: a, b, c and d are not told apart.",
            "d is there to show what goes wrong: check says whether it holds."], Answer(report).Sentences.Take(2));
    }

    [Fact]
    public void Prices_of_the_users_are_told_with_the_share_that_was_measured()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 110, 120, 130)) with
        {
            CostsOf = "h1.json",
            Costs = new([.. CostTable.Default.Entries.Select((e, n) => n < 3
                ? e with { Origin = CostOrigin.Measured } : e)]),
        };

        Assert.Contains(Answer(report).Sentences, s => s.StartsWith(
            $"On this host 3 of {CostTable.Default.Entries.Count} prices are measured, by h1.json;",
            StringComparison.Ordinal));
        Assert.DoesNotContain(Answer(report with { CostsOf = "" }).Sentences,
            s => s.StartsWith("On this host", StringComparison.Ordinal));
    }

    /// <summary>The seeds of b are now faster, now slower than those of a.</summary>
    [Fact]
    public void Encodings_within_noise_are_no_clear_winner()
    {
        var answer =
            Answer(Report(s_kinds, Row("a", 100, 100, 100), Noisy("b", 90, 112, 103), Row("c", 150, 150, 150)));

        Assert.Equal(AnswerVerdict.NoClearWinner, answer.Verdict);
        Assert.Equal(["a", "b"], answer.Preferred);
        Assert.Equal("No clear winner: a and b are not told apart; next is c, up to 50 % behind the fastest "
            + "(all-sync).",
            answer.Sentences[0]);
        Assert.All(answer.Workloads, w => Assert.Equal(["a", "b"], w.Fastest));
        Assert.Equal([1, 1, 3, null], answer.Rows.Select(r => r.Rank));
    }

    /// <summary>By distance alone they are not told apart: b is within noise on mixed, and so is its
    /// distance.</summary>
    [Theory]
    [InlineData(103, true)]
    [InlineData(100, false)]
    public void What_is_beaten_on_one_workload_and_ahead_on_none_is_no_winner(double sync, bool isBeaten)
    {
        var report = Report(s_kinds, Row("a", sync, 100, 100), Noisy("b", 90, 112, 103));
        var answer = Answer(report with
        {
            Cells =
            [
                .. report.Cells.Select(c =>
                    c is { Encoding: "b", Workload: Sync } ? c with { Elapsed = [100, 100, 100] } : c),
            ],
        });

        Assert.Equal(isBeaten ? AnswerVerdict.Prefer : AnswerVerdict.NoClearWinner, answer.Verdict);
        Assert.Equal(isBeaten ? new[] { "b" } : new[] { "a", "b" }, answer.Preferred.Order());
        Assert.Equal(1, answer.Rows[0].Rank);
        Assert.Equal(answer.Preferred[0], answer.Rows[0].Encoding);
    }

    [Theory]
    [InlineData(100.9, false)]
    [InlineData(101.1, true)]
    public void Less_than_one_per_cent_is_no_difference(double time, bool isApart)
    {
        var answer = Answer(Report(s_kinds, Row("a", 100, 100, 100), Row("b", time, 100, 100)));

        Assert.Equal(isApart ? AnswerVerdict.Prefer : AnswerVerdict.NoClearWinner, answer.Verdict);
    }

    [Fact]
    public void One_repetition_tells_nothing_apart()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 200, 200, 200));
        var answer = Answer(report with
        {
            Cells = [.. report.Cells.Select(c => c with { Elapsed = [c.Elapsed[0]] })],
        });

        Assert.Equal(AnswerVerdict.NoClearWinner, answer.Verdict);
    }

    [Fact]
    public void What_broke_a_rule_cannot_win_and_is_named()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120), Row("c", 150, 150, 150));
        var answer = Answer(report with
        {
            PolicySearches =
            [
                new("a", Sync, null, [new("resolve", 100, [], ""), new("reenter", 90, [new("lostWakeup", 2)], "")]),
                new("b", Sync, null, [new("resolve", 100, [], "")]),
            ],
        });

        Assert.Equal(["b"], answer.Preferred);
        Assert.Contains("Broken: a (lostWakeup).", answer.Sentences);
        Assert.Null(answer.Rows.Single(r => r.Encoding == "a").Rank);
        Assert.DoesNotContain("a", answer.Workloads.SelectMany(w => w.Fastest));
    }

    [Fact]
    public void What_did_not_finish_everywhere_has_no_rank()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120), Row("c", 150, 150, 150));
        var answer = Answer(report with
        {
            Cells = [.. report.Cells.Where(c => (c.Encoding, c.Workload) != ("a", Mixed))],
        });

        Assert.Equal(["b"], answer.Preferred);
        Assert.Null(answer.Rows.Single(r => r.Encoding == "a").Rank);
    }

    [Fact]
    public void Reference_points_are_yardsticks()
    {
        var answer =
            Answer(Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120), Row("oracle", 50, 50, 50)));

        Assert.Equal(["a"], answer.Preferred);
        Assert.Equal(["a", "b", "never-async", "oracle"], answer.Rows.Select(r => r.Encoding));
        Assert.All(answer.Rows.Skip(2), r => Assert.Null(r.Rank));
    }

    [Fact]
    public void A_workload_that_was_not_run_is_named()
    {
        var answer = Answer(Report(["mixed:sync=0.1", "re-arm"], Row("a", 100, 100), Row("b", 120, 50)));

        Assert.Equal(["a"], answer.Preferred); // re-arm does not decide
        Assert.Equal([Sync, PostCopy], answer.Missing);
        Assert.Equal("This is about mixed:sync=0.1 alone: all-sync and post-copy were not run.", answer.Sentences[^1]);
    }

    [Fact]
    public void Other_workloads_decide_where_none_of_the_three_was_run()
    {
        var answer = Answer(Report(["trace:x", "re-arm", "intercept", "prefetch-race"], Row("a", 100, 100, 100, 500),
            Row("b", 120, 120, 120, 100)));

        Assert.Equal(["a"], answer.Preferred);
        Assert.Equal(["trace:x", "re-arm", "intercept"], answer.Workloads.Select(w => w.Name));
    }

    [Fact]
    public void A_single_encoding_is_preferred_to_nothing()
    {
        var answer = Answer(Report(s_kinds, Row("a", 300, 100, 100), Row("oracle", 90, 90, 90)));

        Assert.Equal(AnswerVerdict.OneEncoding, answer.Verdict);
        Assert.Equal("a is the only encoding that can be ranked, so there is none to prefer it to.",
            answer.Sentences[0]);
        Assert.Contains("With every fault resolved at once a run takes, against never-async, +50 % with a.",
            answer.Sentences);
    }

    [Fact]
    public void Where_nothing_can_be_ranked_the_answer_says_so()
    {
        var answer = Answer(Report(s_kinds));

        Assert.Equal(AnswerVerdict.NoEncoding, answer.Verdict);
        Assert.Equal("No encoding can be preferred: none finished every run without breaking a rule.",
            answer.Sentences[0]);
    }

    [Fact]
    public void An_encoding_that_depends_on_predictions_is_ranked_by_the_lowest_accuracy()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120),
            Row("c", 300, 300, 300) with { Predict = 0 }, Row("c", 90, 100, 100) with { Predict = 1 });
        var answer = Answer(report);

        Assert.Equal(["a"], answer.Preferred);
        Assert.Contains("c matches it only with right predictions.", answer.Sentences);
        Assert.Equal([("a", 1), ("c p=1", null), ("b", 2), ("c p=0", 3)],
            answer.Rows.Take(4).Select(r => (r.Label, r.Rank)));
    }

    [Fact]
    public void Needless_apfs_are_those_of_the_first_workload()
    {
        var answer = Answer(Report(s_kinds, Row("a", 100, 100, 100), Row("b", 150, 120, 120) with { Needless = 95 },
            Row("c", 160, 120, 120) with { Needless = 95 }, Row("d", 125, 125, 125) with { Needless = 40 }));

        Assert.Contains("With every fault resolved at once a run takes, against never-async, -50 % with a, -25 to -20 "
            + "% with 95 needless APFs per 100 faults.", answer.Sentences);
    }

    [Fact]
    public void Those_with_which_kvm_can_tell_are_named()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120), Row("c", 130, 130, 130));
        string? Said(params (string Encoding, KvmTells Tells)[] tells) =>
            Answer(report with { Tells = tells.ToDictionary(t => t.Encoding, t => t.Tells) }).Sentences
                .SingleOrDefault(s => s.StartsWith("KVM ", StringComparison.Ordinal));

        Assert.Equal("KVM can tell sync from async before it injects only with b.",
            Said(("a", KvmTells.AfterInjecting), ("b", KvmTells.Yes), ("c", KvmTells.DoesNotArise)));
        Assert.Equal("KVM can tell sync from async before it injects with b.",
            Said(("a", KvmTells.AfterInjecting), ("b", KvmTells.Yes), ("c", KvmTells.NotDecided)));
        Assert.Equal("KVM cannot tell sync from async before it injects with a and b.",
            Said(("a", KvmTells.AfterInjecting), ("b", KvmTells.No), ("c", KvmTells.DoesNotArise)));
        Assert.Null(Said(("c", KvmTells.DoesNotArise)));
        Assert.Null(Said());
    }

    [Fact]
    public void The_table_says_whether_kvm_can_tell_if_it_was_asked()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120), Row("c", 130, 130, 130),
            Row("d", 140, 140, 140), Row("e", 150, 150, 150)) with
        {
            Tells = new Dictionary<string, KvmTells>
            {
                ["a"] = KvmTells.Yes,
                ["b"] = KvmTells.AfterInjecting,
                ["c"] = KvmTells.No,
                ["d"] = KvmTells.DoesNotArise,
                ["e"] = KvmTells.NotDecided,
            },
        };
        var lines = Screen(report, 80).Split('\n').Where(l => l.Length > 20).ToArray();
        var at = Array.FindIndex(lines, l => l.StartsWith("   encoding", StringComparison.Ordinal));

        Assert.Equal("   encoding  tell  b2b  all-sync  mixed  post-copy  fail  uAPI", lines[at]);
        Assert.Equal(["yes", "late", "no", "-", "?"], lines[(at + 1)..(at + 6)].Select(l => l[11..17].Trim()));
        Assert.Contains("tell: KVM can tell sync from async as it injects", Screen(report, 80).ReplaceLineEndings(" "),
            StringComparison.Ordinal);
    }

    /// <summary>A pair that one cost reverses and another leaves within noise is one pair.</summary>
    [Fact]
    public void Orderings_that_depend_on_costs_are_counted_once_each()
    {
        var report = Report(s_kinds, Row("a", 100, 100, 100), Row("b", 120, 120, 120), Row("c", 150, 150, 150));
        Ordering ab = new("a", "b") { ReversedBy = ["vmExit=high"], TiedAt = ["vmExit=high"] };
        Ordering bc = new("b", "c") { TiedAt = ["vmExit=low"] };
        Ordering ac = new("a", "c");
        Answer With(params StabilityRow[] rows) => Answer(report with { Stability = new(9, 5, [], 2, rows) });

        var both = With(new(Sync, [ab, bc, ac]), new(Mixed, [ac, ac, ac]));
        var other = With(new StabilityRow(Sync, [ac, bc, ac]));

        Assert.Equal((6, 2), (both.Orderings, both.CostDependent));
        Assert.Contains("2 of 6 orderings depend on costs, that of a and b too.", both.Sentences);
        Assert.Contains("1 of 3 orderings depend on costs.", other.Sentences);
        Assert.Null(Answer(report).Orderings);
    }

    [Fact]
    public void A_report_that_is_not_whole_says_so_first() => Assert.Equal("NOT WHOLE: interrupted.",
        Answer(Report(s_kinds, Row("a", 100, 100, 100)) with { Incomplete = "interrupted" }).Sentences[0]);

    [Fact]
    public void The_table_is_ranked_and_marks_the_fastest_and_what_is_slower_than_the_baseline()
    {
        var report = Report(s_kinds, Row("a", 100, 110, 100), Row("b", 250, 100, 100), Row("oracle", 90, 90, 90));
        var lines = Screen(report, 80).Split('\n');
        var at = Array.FindIndex(lines, l => l.StartsWith("   encoding", StringComparison.Ordinal));

        Assert.Equal(
            [
                "   encoding  b2b  all-sync  mixed  post-copy  fail  uAPI",
                " 1 a           0     2.00*  1.82       2.00*     -     0",
                " 2 b           0    0.800-  2.00*      2.00*     -     0",
            ],
            lines[at..(at + 3)]);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    public void Words_are_not_broken_at_the_width_of_the_terminal(int width)
    {
        var report = Report(s_kinds, Row("single-bit:variant=as-posted", 100, 110, 100),
            Row("multi-bit:update=plain,layout=split", 250, 100, 100));
        var screen = Screen(report, width);

        Assert.All(screen.Split('\n'), line => Assert.True(line.Length <= width, line));
        // A heading may have a line for each of its parts.
        foreach (var word in report.Encodings.Select(e => e.Name).Append("post-").Append("copy"))
        {
            Assert.Contains(word, screen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Claims_are_counted_and_only_those_that_do_not_hold_are_shown_beside_their_bound()
    {
        var claim = SmallPlan.Claim("single-bit", "mixed", "exits", Relation.AtMost, 2);
        var report = Report(s_kinds, Row("a", 100, 100, 100)) with
        {
            Claims =
            [
                new("0001-x", claim with { Id = "fine", Text = "It is so." }, Verdict.Holds, new(3, 1, 0.5m, 1.5m), ""),
                new("0001-x", claim with { Id = "bad", Text = "Few" }, Verdict.DoesNotHold, new(3, 5, 4, 6), ""),
            ],
        };
        var screen = Screen(report, 80);

        Assert.Contains("Claims of the proposals: 1 hold, 1 do not, 0 are not decided.\n"
            + "- does not hold: 0001-x bad, Few: measured 5.000 [4.000, 6.000], claimed <= 2\n", screen,
            StringComparison.Ordinal);
        Assert.DoesNotContain("It is so", screen, StringComparison.Ordinal);
        var mail = TextReport.Write(report with { Answer = Answer(report) });
        Assert.Contains("Claims of the proposals: 1 hold, 1 do not, 0 are not decided.\n", mail,
            StringComparison.Ordinal);
        Assert.Contains("- does not hold: 0001-x bad, Few: measured 5.000 [4.000, 6.000], claimed\n  <= 2\n", mail,
            StringComparison.Ordinal);
        Assert.DoesNotContain("It is so", mail, StringComparison.Ordinal);
    }

    private static Answer Answer(ComparisonReport report) => AnswerBuilder.Build(report);

    private static string Screen(ComparisonReport report, int width) =>
        ScreenReport.Write(report with { Answer = Answer(report) }, width);

    private static Times Row(string name, params double[] times) => new(name, times, [1, 1, 1]);

    /// <summary>The same mean, but seed by seed it varies by so many per cent of it.</summary>
    private static Times Noisy(string name, params double[] percent) =>
        new(name, [100, 100, 100], [.. percent.Select(p => p / 100)]);

    /// <summary>never-async takes 200 on each workload, and the others what they are given.</summary>
    private static ComparisonReport Report(string[] workloads, params Times[] rows)
    {
        Times[] all = [Row("never-async", [.. workloads.Select(_ => 200.0)]), .. rows];
        return new()
        {
            Command = "test",
            Seed = 1,
            Seeds = [1, 2, 3],
            Baseline = "never-async",
            Oracle = "oracle",
            Costs = CostTable.Default,
            Encodings = [.. all.Select(r => r.Name).Distinct().Select(Entry)],
            Workloads = [.. workloads.Select(w => new WorkloadEntry(w, "resolve", 1, 1, 1, 100, []))],
            Cells = [.. workloads.SelectMany((w, at) => all.Select(r => CellOf(r, all[0], w, at)))],
        };
    }

    private static EncodingEntry Entry(string name) => new(
        name,
        new()
        {
            Id = name,
            FullName = name,
            Summary = "Made up.",
            Origin = "A test.",
            BitsPerGfn = 1,
            Traits = name is "never-async" or "oracle" ? EncodingTraits.ReferencePoint : EncodingTraits.None,
        },
        [],
        ViolationsExpected: false,
        "");

    private static Cell CellOf(Times row, Times baseline, string workload, int at) => new()
    {
        Encoding = row.Name,
        Workload = workload,
        Policy = "resolve",
        Role = PolicyRole.Common,
        Predict = row.Predict,
        Elapsed = row.Of(at),
        Metrics = new([
            new(Metric.Faults, Summary.Of([100])),
            new(Metric.Exits, Summary.Of([100])),
            new(Metric.BackToBackApf, Summary.Of([row.Needless])),
            new(Metric.Speedup, Ratio.Of(baseline.Of(at), row.Of(at))),
        ]),
    };

    /// <summary>Times of an encoding by workload, and what the three seeds make of them.</summary>
    private sealed record Times(string Name, double[] ByWorkload, double[] BySeed)
    {
        public decimal? Predict { get; init; }

        public decimal Needless { get; init; }

        public IReadOnlyList<decimal> Of(int at) => [.. BySeed.Select(s => (decimal)(ByWorkload[at] * s))];
    }
}
