using System.Text.Json;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>docs/predictions.md: what live predicted, beside what it measured later. Both are files, so that nothing
/// here reads a clock.</summary>
public sealed class PredictionsTests
{
    private const string Folder = "docs/predictions";

    /// <summary>In the order in which they were made.</summary>
    private static readonly string[] s_rounds = [.. Directory.GetDirectories(Path.Combine(GeneratedDoc.Root(), Folder))
        .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Rounds => [.. s_rounds];

    /// <summary>The page begins with what a person would say.</summary>
    [Fact]
    public void The_answer_is_what_the_runs_say()
    {
        var native = s_rounds.Select(Rows).Last(rows => rows.Any(r => r.Live == "userfaultfd"))
            .Where(r => r.Live == "userfaultfd").ToArray();
        double[] Ratios(string metric) =>
            [.. native.Where(r => r.Metric == metric && r.Threads > 1).Select(r => r.Measured / r.Predicted)];
        var medians = Ratios("latency p50");
        GeneratedDoc.Check("docs/predictions.md", "answer",
        [
            "- Faults, not-presents, readies and exits of a guest came out as predicted, to the last one "
                + $"({s_rounds.Sum(round => Rows(round).Count(r => r.IsDetermined))} counts).",
            .. s_rounds.Select(round => (Round: round, Of: Pairs(round).ToArray())).Where(r => r.Of.Length > 0)
                .Select(r => $"- In the {r.Round} round the time of kernel-apf over that of userfaultfd was off by "
                    + string.Join(", ", r.Of.Select(p => $"{Math.Abs(p.Measured / p.Predicted - 1) * 100:0} % with "
                        + $"{p.Tasks} tasks and a fetch of {Durations.Format(p.FetchNs)}")) + "."),
            $"- With two and four threads the median touch over userfaultfd took {medians.Min():0.00} to "
                + $"{medians.Max():0.00} times what was predicted, the 90th percentile up to "
                + $"{Ratios("latency p90").Max():0.00} times, and all of it up to {Ratios("elapsed").Max():0.0} times"
                + (IsBusy(native) ? ", on a machine that others used" : "")
                + ". With one thread a price is fitted, so that is no test.",
        ]);
    }

    /// <summary>Threads had no core for more than a tenth of the time of one thread.</summary>
    private static bool IsBusy(Row[] native)
    {
        double Of(string metric) => native.First(r => r.Metric == metric).Measured;
        return Of("no core for") > Of("elapsed") / 10;
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void What_was_predicted_stands_beside_what_was_measured(string round) => GeneratedDoc.Check(
        "docs/predictions.md", $"{round} predictions",
        [
            "| run | threads or tasks | fetch | metric | predicted | measured | ratio |",
            "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
            .. Rows(round).Where(r => r.IsTime && r.Predicted != 0).Select(r => $"| {r.Run} | {r.Threads} | "
                + $"{Durations.Format(r.FetchNs)} | {r.Metric} | {Durations.Format((long)r.Predicted)} | "
                + $"{Durations.Format((long)r.Measured)} | {r.Measured / r.Predicted:0.00} |"),
        ]);

    [Fact]
    public void Ratios_of_the_two_encodings_stand_beside_each_other() => GeneratedDoc.Check(
        "docs/predictions.md", "ratios",
        [
            "| round | tasks | fetch | predicted | measured |",
            "| --- | ---: | ---: | ---: | ---: |",
            .. s_rounds.SelectMany(round => Pairs(round).Select(p => $"| {round} | {p.Tasks} | "
                + $"{Durations.Format(p.FetchNs)} | {p.Predicted:0.000} | {p.Measured:0.000} |")),
        ]);

    /// <summary>What the protocol determines was predicted to the last one.</summary>
    [Theory]
    [MemberData(nameof(Rounds))]
    public void Every_count_that_is_determined_is_as_predicted(string round)
    {
        var counts = Rows(round).Where(r => r.IsDetermined).ToArray();

        Assert.NotEmpty(counts);
        Assert.All(counts, r => Assert.Equal(r.Predicted, r.Measured));
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void The_measurements_name_the_commit_of_the_predictions(string round)
    {
        var commit = Read(round, "measured.json").RootElement.GetProperty("predictedIn").GetString()!;

        Assert.Matches("^[0-9a-f]{40}$", commit);
        Assert.Contains(commit, File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "docs/predictions.md")),
            StringComparison.Ordinal);
    }

    /// <summary>The time of kernel-apf over that of userfaultfd.</summary>
    private static IEnumerable<(int Tasks, long FetchNs, double Predicted, double Measured)> Pairs(string round) =>
        Rows(round).Where(r => r.Live == "kernel-apf" && r.Metric == "elapsed").GroupBy(r => (r.Threads, r.FetchNs))
            .Select(g => (Of: g.Key, Apf: g.Single(r => r.Encoding == "kernel-apf"),
                Plain: g.Single(r => r.Encoding == "userfaultfd")))
            .Select(g => (g.Of.Threads, g.Of.FetchNs, g.Apf.Predicted / g.Plain.Predicted,
                g.Apf.Measured / g.Plain.Measured));

    private static IEnumerable<Row> Rows(string round)
    {
        var predicted = Read(round, "predicted.json").RootElement.EnumerateArray().ToArray();
        var measured = Read(round, "measured.json").RootElement.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(predicted.Length, measured.Length);
        foreach (var (before, after) in predicted.Zip(measured))
        {
            var live = before.GetProperty("live").GetString()!;
            var rows = before.GetProperty("rows").EnumerateArray().Zip(after.GetProperty("rows").EnumerateArray());
            foreach (var (was, became) in rows)
            {
                string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;
                string Key(JsonElement of) => $"{Word(of, "encoding")} {of.GetProperty("threads")} "
                    + $"{of.GetProperty("fetchNs")} {Word(of, "metric")} {of.GetProperty("simulated")}";
                Assert.Equal(Key(was), Key(became));
                if (was.GetProperty("simulated").ValueKind != JsonValueKind.Null)
                {
                    yield return new(live, Word(was, "encoding"), was.GetProperty("threads").GetInt32(),
                        was.GetProperty("fetchNs").GetInt64(), Word(was, "metric"),
                        was.GetProperty("isTime").GetBoolean(), was.GetProperty("isDetermined").GetBoolean(),
                        was.GetProperty("simulated").GetDouble(), became.GetProperty("measured").GetDouble());
                }
            }
        }
    }

    private static JsonDocument Read(string round, string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(GeneratedDoc.Root(), Folder, round, name)));

    private sealed record Row(string Live, string Encoding, int Threads, long FetchNs, string Metric, bool IsTime,
        bool IsDetermined, double Predicted, double Measured)
    {
        public string Run => Live == Encoding ? Encoding : $"{Encoding}, guest";
    }
}
