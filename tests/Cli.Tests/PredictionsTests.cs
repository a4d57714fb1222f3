using System.Text.Json;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>docs/predictions.md: what live predicted, beside what it measured later. Both are files, so that nothing
/// here reads a clock.</summary>
public sealed class PredictionsTests
{
    private const string Folder = "docs/predictions/first";

    /// <summary>The page begins with what a person would say.</summary>
    [Fact]
    public void The_answer_is_what_the_runs_say()
    {
        var rows = Rows().ToArray();
        var far = rows.Where(r => r.Live == "kernel-apf" && r.Metric == "elapsed").GroupBy(r => r.FetchNs)
            .Select(g => (FetchNs: g.Key, Off: Ratio(g, r => r.Measured) / Ratio(g, r => r.Predicted) - 1)).ToArray();
        double[] Ratios(string metric) => [.. rows
            .Where(r => r.Live == "userfaultfd" && r.Metric == metric && r.Threads > 1)
            .Select(r => r.Measured / r.Predicted)];
        var medians = Ratios("latency p50");
        GeneratedDoc.Check("docs/predictions.md", "answer",
        [
            "- Faults, not-presents, readies and exits of a guest came out as predicted, to the last one "
                + $"({rows.Count(r => r.IsDetermined)} counts).",
            "- The time of kernel-apf over that of userfaultfd was off by "
                + string.Join(", ", far.Select(f => $"{f.Off * 100:0} % at a fetch of {Durations.Format(f.FetchNs)}"))
                + ".",
            $"- With two and four threads the median touch over userfaultfd took {medians.Min():0.00} to "
                + $"{medians.Max():0.00} times what was predicted, the 90th percentile up to "
                + $"{Ratios("latency p90").Max():0.00} times, and all of it up to {Ratios("elapsed").Max():0.0} times, "
                + "on a machine that others used. With one thread a price is fitted, so that is no test.",
        ]);

        static double Ratio(IEnumerable<Row> runs, Func<Row, double> of) =>
            of(runs.Single(r => r.Encoding == "kernel-apf")) / of(runs.Single(r => r.Encoding == "userfaultfd"));
    }

    [Fact]
    public void What_was_predicted_stands_beside_what_was_measured() => GeneratedDoc.Check(
        "docs/predictions.md", "predictions",
        [
            "| run | threads or tasks | fetch | metric | predicted | measured | ratio |",
            "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
            .. Rows().Where(r => r.IsTime && r.Predicted != 0).Select(r => $"| {r.Run} | {r.Threads} | "
                + $"{Durations.Format(r.FetchNs)} | {r.Metric} | {Durations.Format((long)r.Predicted)} | "
                + $"{Durations.Format((long)r.Measured)} | {r.Measured / r.Predicted:0.00} |"),
        ]);

    [Fact]
    public void Ratios_of_the_two_encodings_stand_beside_each_other() => GeneratedDoc.Check(
        "docs/predictions.md", "ratios",
        [
            "| fetch | predicted | measured |",
            "| ---: | ---: | ---: |",
            .. Rows().Where(r => r.Live == "kernel-apf" && r.Metric == "elapsed").GroupBy(r => r.FetchNs)
                .Select(g => g.ToDictionary(r => r.Encoding))
                .Select(of => (Apf: of["kernel-apf"], Plain: of["userfaultfd"]))
                .Select(of => $"| {Durations.Format(of.Apf.FetchNs)} | {of.Apf.Predicted / of.Plain.Predicted:0.000} | "
                    + $"{of.Apf.Measured / of.Plain.Measured:0.000} |"),
        ]);

    /// <summary>What the protocol determines was predicted to the last one.</summary>
    [Fact]
    public void Every_count_that_is_determined_is_as_predicted()
    {
        var counts = Rows().Where(r => r.IsDetermined).ToArray();

        Assert.NotEmpty(counts);
        Assert.All(counts, r => Assert.Equal(r.Predicted, r.Measured));
    }

    [Fact]
    public void The_measurements_name_the_commit_of_the_predictions()
    {
        var commit = Read("measured.json").RootElement.GetProperty("predictedIn").GetString()!;

        Assert.Matches("^[0-9a-f]{40}$", commit);
        Assert.Contains(commit, File.ReadAllText(Path.Combine(GeneratedDoc.Root(), "docs/predictions.md")),
            StringComparison.Ordinal);
    }

    private static IEnumerable<Row> Rows()
    {
        var predicted = Read("predicted.json").RootElement.EnumerateArray().ToArray();
        var measured = Read("measured.json").RootElement.GetProperty("runs").EnumerateArray().ToArray();
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

    private static JsonDocument Read(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(GeneratedDoc.Root(), Folder, name)));

    private sealed record Row(string Live, string Encoding, int Threads, long FetchNs, string Metric, bool IsTime,
        bool IsDetermined, double Predicted, double Measured)
    {
        public string Run => Live == Encoding ? Encoding : $"{Encoding}, guest";
    }
}
