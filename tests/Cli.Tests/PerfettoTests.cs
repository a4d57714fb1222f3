using System.Text.Json;
using UapiLab.Encodings;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Tests;

/// <summary>Trace events of histories, read by a reader of its own.</summary>
public sealed class PerfettoTests : IDisposable
{
    /// <summary>Two APFs, of which one is ready and one is not.</summary>
    private static readonly History s_history = MadeHistory.Of(0) with
    {
        Steps =
        [
            Step(1, 0, "guest runs", "kvm_page_fault gfn 1 task 0"),
            Step(2, 0, "queue an APF for gfn 1, token 0x1000", "kvm_async_pf_not_present gfn 1 token 0x1000"),
            Step(3, 1, "ioctl READY on vCPU 0, argument 0x1000", "kvm_async_pf_completed gfn 1 token 0x1000"),
            Step(4, 0, "KVM: page-ready", "kvm_async_pf_ready gfn 1 token 0x1000"),
            Step(5, 1, "waits"),
            Step(6, 0, "KVM: requests, events, entry", "kvm_inj_virq token 0x1000", "kvm_entry"),
            Step(7, 0, "guest runs", "kvm_page_fault gfn 2 task 0"),
            Step(8, 0, "queue an APF for gfn 2, token 0x1000", "kvm_async_pf_not_present gfn 2 token 0x1000"),
        ],
        InevitableFrom = 7,
    };

    /// <summary>The same with a clock.</summary>
    private static readonly History s_timed = s_history with
    {
        Steps =
        [
            .. s_history.Steps.Zip(((long From, long To)[])
            [
                (1_500, 2_500), (2_750, 2_875), (3_125, 3_500), (4_000, 4_250), (3_500, 3_500), (4_250, 5_250),
                (6_000, 6_000), (7_000, 7_125),
            ], (step, time) => step with
            {
                Time = time,
                Events = [.. step.Events, Invariant($"at {time.From / 1_000m:0.000} us")],
            }),
        ],
    };

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void A_step_is_a_slice_in_its_place_an_apf_a_span_and_ready_has_an_arrow_to_the_interrupt()
    {
        string json = PerfettoTrace.Write([s_history]);

        Assert.Empty(PerfettoReader.Complaints(json));
        Assert.Equal(
            [
                "X 1 1 guest 1", "X 1 1 guest runs 1", "X 1 2 KVM 5", "X 1 2 queue an APF for gfn 1, token 0x1000 1",
                "b 1 2 APF, gfn 1 token 0x1000", "X 2 3 ioctl READY on vCPU 0, argument 0x1000 1",
                "s 2 3 READY to interrupt", "X 1 4 KVM: page-ready 1",
                "e 1 4 APF, gfn 1 token 0x1000", "X 2 5 waits 1",
                "X 1 6 KVM: requests, events, entry 1",
                "f 1 6 READY to interrupt", "X 1 7 guest 1", "X 1 7 guest runs 1",
                "i 1 7 from here on the outcome can no longer be avoided", "X 1 8 KVM 1",
                "X 1 8 queue an APF for gfn 2, token 0x1000 1", "b 1 8 APF, gfn 2 token 0x1000",
                "e 1 9 APF, gfn 2 token 0x1000",
            ],
            Told(json));
    }

    [Theory]
    [InlineData("\"ph\":\"e\",\"pid\":1,\"tid\":1,\"ts\":4", "\"ph\":\"e\",\"pid\":1,\"tid\":1,\"ts\":1", "back")]
    [InlineData("\"ph\":\"f\"", "\"ph\":\"s\"", "no pair")]
    [InlineData("\"ph\":\"e\"", "\"ph\":\"b\"", "open already")]
    [InlineData("\"ph\":\"b\"", "\"ph\":\"i\",\"s\":\"t\"", "not open")]
    [InlineData("\"ts\":2,\"cat\":\"step\",\"dur\":1", "\"ts\":2,\"cat\":\"step\",\"dur\":9", "outer one")]
    [InlineData("\"ts\":3", "\"ts\":3.5", "no integer")]
    [InlineData("\"name\":\"thread_name\"", "\"name\":\"thread\"", "without a name")]
    [InlineData("\"ph\":\"f\",\"pid\":1,\"tid\":1", "\"ph\":\"f\",\"pid\":1,\"tid\":3", "every slice")]
    public void The_reader_sees_a_seeded_mistake(string right, string wrong, string complaint)
    {
        string json = PerfettoTrace.Write([s_history]);

        Assert.Contains(right, json, StringComparison.Ordinal);
        Assert.Contains(PerfettoReader.Complaints(json.Replace(right, wrong, StringComparison.Ordinal)),
            c => c.Contains(complaint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("single-bit", "mixed:pages=50")]
    [InlineData("async-hint", "post-copy:pages=40")]
    [InlineData("exitless", "re-arm:pages=40")]
    [InlineData("kernel-apf", "mixed-threads:pages=40")]
    public async Task The_times_of_a_run_are_those_of_the_simulator(string encoding, string workload)
    {
        string file = _line.Path("run.json");
        LabCatalog lab = new(new EncodingRegistry(BuiltInEncodings.All));
        (History history, RunResult result) = SimulatedHistory.Of(lab.Encodings.Resolve(encoding),
            lab.Workloads.Plan(workload, null).Base, HostProfile.Default.Costs, SeedList.Derive(1, 1)[0],
            TestContext.Current.CancellationToken);
        CommandLine.Outcome run = await CommandLine.Run("run", encoding, workload, "--perfetto", file);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        string json = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        Assert.Empty(PerfettoReader.Complaints(json, hasClock: true));
        JsonElement[] steps = [.. Events(json).Where(e => e.TryGetProperty("cat", out JsonElement c)
            && c.GetString() == "step")];
        Assert.Equal(
            history.Steps.Select(s => (s.Lane + 1, s.Time!.Value.FromNs, s.Time.Value.ToNs)).Order(),
            steps.Select(e => (e.GetProperty("tid").GetInt32(), Ns(e, "ts"), Ns(e, "ts") + Ns(e, "dur"))).Order());

        // What the run's own counters say, found again in the trace.
        var since = new Dictionary<string, long>();
        var latencies = new List<long>();
        foreach (JsonElement e in steps)
        {
            string[] words = e.GetProperty("args").GetProperty("events")[0].GetString()!.Split(' ');
            if (words[0] == "kvm_page_fault")
            {
                since.TryAdd(words[^1], Ns(e, "ts"));
            }
            else if (words[0] == "guest_access_done" && since.Remove(words[^1], out long first))
            {
                latencies.Add(Ns(e, "ts") - first);
            }
        }

        Assert.Equal((result.Faults, result.LatencyMaxNs), (latencies.Count, latencies.Max()));
        Assert.Equal(result.ElapsedNs, steps.Where(e => Name(e).StartsWith("task_done", StringComparison.Ordinal))
            .Max(e => Ns(e, "ts")));
        Assert.Equal(result.LatencyCounts, LatencyBuckets.Ends.Select((_, at) =>
            (long)latencies.Count(l => LatencyBuckets.Of(l) == at)));
    }

    [Theory]
    [InlineData("\"ts\":2.75,\"cat\":\"step\"", "\"ts\":2.8,\"cat\":\"step\"", "says it is at 2.750 us")]
    [InlineData("\"ts\":2.75,\"cat\":\"step\",\"dur\":0.125", "\"ts\":2.75,\"cat\":\"step\",\"dur\":3",
        "the next one")]
    [InlineData("\"ts\":1.5,\"cat\":\"place\",\"dur\":1.25", "\"ts\":1.5,\"cat\":\"place\",\"dur\":1",
        "a place")]
    [InlineData("\"ph\":\"b\",\"pid\":1,\"tid\":1,\"ts\":2.75",
        "\"ph\":\"b\",\"pid\":1,\"tid\":1,\"ts\":2.76",
        "its not-present")]
    [InlineData("\"ph\":\"e\",\"pid\":1,\"tid\":1,\"ts\":4", "\"ph\":\"e\",\"pid\":1,\"tid\":1,\"ts\":5",
        "its ready")]
    [InlineData("\"ts\":4,", "\"ts\":4.00001,", "nanosecond")]
    public void A_trace_that_disagrees_with_the_clock_is_found(string right, string wrong, string complaint)
    {
        string json = PerfettoTrace.Write([s_timed]);

        Assert.Empty(PerfettoReader.Complaints(json, hasClock: true));
        Assert.Contains(right, json, StringComparison.Ordinal);
        Assert.Contains(PerfettoReader.Complaints(json.Replace(right, wrong, StringComparison.Ordinal), hasClock: true),
            c => c.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_recording_keeps_its_own_clock()
    {
        string file = _line.Path("conform.json");
        CommandLine.Outcome conform = await CommandLine.Run("conform", _line.Write("good.trace", ConformTests.Good),
            "--quiet", "--perfetto", file);
        Assert.Equal((0, "", ""), (conform.Exit, conform.Out, conform.Error));
        string json = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        Assert.Empty(PerfettoReader.Complaints(json, hasClock: true));
        JsonElement[] steps = [.. Events(json).Where(e => e.TryGetProperty("cat", out JsonElement c)
            && c.GetString() == "step")];
        Assert.NotEmpty(steps);
        Assert.All(steps, e => Assert.EndsWith(Invariant($", {Ns(e, "ts") / 1e9:F6}"), e.GetProperty("args")
            .GetProperty("events").EnumerateArray().Select(t => t.GetString()!).First(t => t.StartsWith("event ",
                StringComparison.Ordinal)), StringComparison.Ordinal));
        Assert.All(steps, e => Assert.InRange(Ns(e, "dur"), 0, 1_000));
    }

    [Fact]
    public void What_stands_in_a_history_cannot_break_the_document()
    {
        string json = PerfettoTrace.Write([MadeHistory.Of(60, "\"}]\n\u0001<"), s_history, MadeHistory.Of(0)]);

        Assert.Empty(PerfettoReader.Complaints(json));
        Assert.Equal(json, PerfettoTrace.Write([MadeHistory.Of(60, "\"}]\n\u0001<"), s_history, MadeHistory.Of(0)]));
        Assert.Empty(PerfettoReader.Complaints(PerfettoTrace.Write([])));
    }

    [Fact]
    public async Task Check_and_replay_write_the_same_events_and_replace_only_their_own()
    {
        string events = _line.Path("check.json");
        var check = await CommandLine.Run("check", "single-bit:variant=as-posted", "--instance",
            "careless:vcpus=1,tasks=1", "--property", "unmatched-ready", "--no-liveness", "--quiet", "--out",
            _line.Path("out"), "--perfetto", events);
        Assert.Equal((1, "", ""), (check.Exit, check.Out, check.Error));
        string json = await File.ReadAllTextAsync(events, TestContext.Current.CancellationToken);
        Assert.Empty(PerfettoReader.Complaints(json));
        Assert.Equal(["M", "X", "b", "e", "i"], Phases(json));

        string trace = Assert.Single(Directory.GetFiles(_line.Path("out"), "*.trace.json"));
        var replay = await CommandLine.Run("replay", trace, "--quiet", "--perfetto", events);
        Assert.Equal((0, "", ""), (replay.Exit, replay.Out, replay.Error));
        Assert.Equal(json, await File.ReadAllTextAsync(events, TestContext.Current.CancellationToken));

        string mine = _line.Write("mine.json", "mine");
        var refused = await CommandLine.Run("replay", trace, "--perfetto", mine);
        Assert.Equal((2, "", $"uapilab: --perfetto {mine}: expected a file that uapilab wrote, or none\n"),
            (refused.Exit, refused.Out, refused.Error));
        Assert.Equal("mine", await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
    }

    private static HistoryStep Step(int number, int lane, string text, params string[] events) =>
        new(number, new(StepKind.Step, lane, []), lane, text, null, null, [], events);

    private static IEnumerable<JsonElement> Events(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.Clone())];
    }

    private static long Ns(JsonElement e, string member) => (long)(e.GetProperty(member).GetDecimal() * 1_000);

    private static string Name(JsonElement e) => e.GetProperty("name").GetString()!;

    private static IEnumerable<string> Phases(string json) =>
        Events(json).Select(e => e.GetProperty("ph").GetString()!).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Phase, thread, time, name and length of all but names.</summary>
    private static IEnumerable<string> Told(string json) => Events(json)
        .Where(e => e.GetProperty("ph").GetString() != "M")
        .Select(e => $"{e.GetProperty("ph").GetString()} {e.GetProperty("tid")} {e.GetProperty("ts")} "
            + e.GetProperty("name").GetString()
            + (e.TryGetProperty("dur", out JsonElement length) ? $" {length}" : ""));
}
